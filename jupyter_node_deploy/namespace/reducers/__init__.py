"""How objects are reduced to what ``namespace.format`` builds them from again."""
