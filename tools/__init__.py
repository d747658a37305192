"""Set-up and the API's schema; each module is a program."""
