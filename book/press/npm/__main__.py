"""Install everything: python -m book.press.npm."""

from book.press import npm

print(npm.modules(linters=True))
