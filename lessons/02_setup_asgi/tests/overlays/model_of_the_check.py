"""A model, of an app that need not be listed. Django must have loaded the others before."""

from django.db import models


class Something(models.Model):
    class Meta:
        app_label = "model_of_the_check"
