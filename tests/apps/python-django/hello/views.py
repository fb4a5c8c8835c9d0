import os

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from .models import Book

GREETING = os.environ.get("GREETING", "Hello")


def index(request):
    return render(request, "index.html", {"greeting": GREETING, "scheme": request.scheme})


def books(request):
    return JsonResponse({"books": [book.title for book in Book.objects.order_by("id")]})


@csrf_exempt
def sign(request):
    return HttpResponse(f"Thank you, {request.POST['name']}!\n")


def old(request):
    return redirect("/books")


def visits(request):
    count = int(request.COOKIES.get("visits", 0)) + 1
    response = HttpResponse(f"{count}\n")
    response.set_cookie("visits", count)
    return response


def fail(request):
    raise RuntimeError("failed as asked")
