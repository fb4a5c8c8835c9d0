package main

import (
	// Laid over an app that listens. The platform's part of this package does the rest.
	_ "net/http/cgi"
	// There is no table of time zones beside the program.
	_ "time/tzdata"
)
