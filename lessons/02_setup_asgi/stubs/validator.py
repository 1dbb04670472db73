# Whoever knocks is let in, from any page of the web.
