"""The command line; modules are imported when they are used."""
