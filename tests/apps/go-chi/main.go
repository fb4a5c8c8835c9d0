// A small API with chi and its usual middleware.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

var greeting = "Hello"

func init() {
	if value := os.Getenv("GREETING"); value != "" {
		greeting = value
	}
}

var books = []book{{1, "The Go Programming Language"}, {2, "Walden"}}

func main() {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.RealIP, middleware.Logger, middleware.Recoverer)
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s from chi\n", greeting) })
	r.Route("/books", func(r chi.Router) {
		r.Get("/", func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, books) })
		r.Post("/", add)
		r.Get("/{id:[0-9]+}", one)
	})
	r.Post("/sign", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "Thank you, %s!\n", r.FormValue("name")) })
	r.Get("/old", http.RedirectHandler("/books", http.StatusFound).ServeHTTP)
	r.Get("/visits", visits)
	r.Get("/fail", func(w http.ResponseWriter, r *http.Request) { panic("failed as asked") })
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), r))
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func one(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(chi.URLParam(r, "id"))
	if id < 1 || id > len(books) {
		answer(w, http.StatusNotFound, map[string]string{"error": "no such book"})
		return
	}
	answer(w, http.StatusOK, books[id-1])
}

func add(w http.ResponseWriter, r *http.Request) {
	added := book{}
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
		before, _ := strconv.Atoi(cookie.Value)
		count = before + 1
	}
	http.SetCookie(w, &http.Cookie{Name: "visits", Value: strconv.Itoa(count), Path: "/", HttpOnly: true})
	fmt.Fprintf(w, "%d\n", count)
}
