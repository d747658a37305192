"""The site in a hurry: what was left by the dead is given out again within seconds, so that tests need not wait; and
seconds of video are as long to it as minutes, so that several workers read them in parts."""
