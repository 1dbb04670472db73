# Everything goes to Django, and Django knows HTTP only.
application = django_application
