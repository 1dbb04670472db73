# Which application does `runserver` serve? Say it here.
