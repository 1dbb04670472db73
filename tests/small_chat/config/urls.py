"""It has no pages."""

urlpatterns = []
