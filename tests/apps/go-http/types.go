package main

import (
	"fmt"
	"net/http"
	"reflect"
)

// Whether reflection finds the types that the compiler made.
func init() {
	http.HandleFunc("GET /types", func(w http.ResponseWriter, r *http.Request) {
		slice := reflect.SliceOf(reflect.TypeFor[book]()) == reflect.TypeOf(books)
		strings := reflect.MapOf(reflect.TypeFor[string](), reflect.TypeFor[string]()) == reflect.TypeFor[map[string]string]()
		fmt.Fprintln(w, slice, strings)
	})
}
