"""One module for each part of the interface; `gazo.web.app` finds them and includes the `router` of each."""
