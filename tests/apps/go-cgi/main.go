// A small API as a CGI program, as web servers of old ran them: what it prints is the answer, what it logs goes to standard error.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"strconv"
)

type book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

var books = []book{{1, "The Go Programming Language"}, {2, "Walden"}}

func main() {
	greeting := os.Getenv("GREETING")
	if greeting == "" {
		greeting = "Hello"
	}
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s from CGI\n", greeting) })
	http.HandleFunc("GET /books", func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, books) })
	http.HandleFunc("GET /books/{id}", one)
	http.HandleFunc("POST /books", add)
	http.HandleFunc("POST /sign", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "Thank you, %s!\n", r.FormValue("name")) })
	http.HandleFunc("GET /old", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/books", http.StatusFound) })
	http.HandleFunc("GET /visits", visits)
	http.HandleFunc("GET /fail", func(w http.ResponseWriter, r *http.Request) { panic("failed as asked") })
	if err := cgi.Serve(nil); err != nil {
		log.Fatal(err)
	}
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func one(w http.ResponseWriter, r *http.Request) {
	log.Println(r.Method, r.URL.Path)
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 1 || id > len(books) {
		answer(w, http.StatusNotFound, map[string]string{"error": "no such book"})
		return
	}
	answer(w, http.StatusOK, books[id-1])
}

func add(w http.ResponseWriter, r *http.Request) {
	var added book
	if err := json.NewDecoder(r.Body).Decode(&added); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	added.ID = len(books) + 1
	answer(w, http.StatusCreated, added)
}

func visits(w http.ResponseWriter, r *http.Request) {
	count := 1
	if cookie, err := r.Cookie("visits"); err == nil {
		count, _ = strconv.Atoi(cookie.Value)
		count++
	}
	http.SetCookie(w, &http.Cookie{Name: "visits", Value: strconv.Itoa(count), Path: "/", HttpOnly: true})
	fmt.Fprintf(w, "%d\n", count)
}
