package main

// Laid over an app that listens. The platform's part of this package does the rest.
import _ "net/http/cgi"
