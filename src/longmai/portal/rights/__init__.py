"""Rights: role × region × purpose, one policy for pages, API and command line."""
