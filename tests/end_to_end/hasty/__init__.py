"""The site in a hurry: what was left by the dead is given out again within seconds, so that tests need not wait."""
