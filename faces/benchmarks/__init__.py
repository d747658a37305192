"""Measures of the plugin at sizes that no library at hand has: made-up libraries, in a database of their own."""
