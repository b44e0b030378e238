"""Proofs of the systems that are screens: each walks over HTTP what a person does in the browser.

They stand here because rooms below know nothing of the server; importing this package registers them.
"""

from gazo.web.proofs import n1, n2, n3

__all__ = ["n1", "n2", "n3"]
