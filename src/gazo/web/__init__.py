"""The local web workbench: the same operations, methods, runs and studies in a browser, for people who write no code."""
