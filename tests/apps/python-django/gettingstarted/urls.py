from django.urls import path

from hello import views

urlpatterns = [
    path("", views.index),
    path("books", views.books),
    path("fail", views.fail),
    path("sign", views.sign),
]
