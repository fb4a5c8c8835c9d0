from django.urls import path

from hello import views

urlpatterns = [
    path("", views.index),
    path("books", views.books),
    path("fail", views.fail),
    path("old", views.old),
    path("sign", views.sign),
    path("visits", views.visits),
]
