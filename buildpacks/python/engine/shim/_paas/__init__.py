"""The platform's part of the engine: between wasi:http and the app's WSGI or ASGI callable."""
