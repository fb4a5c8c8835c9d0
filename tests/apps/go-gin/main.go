// A web app with Gin, in the shape of the first one that Heroku shows people: templates, static files, a port from the environment.
package main

import (
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/gin-gonic/gin"
)

type book struct {
	ID    int    `json:"id"`
	Title string `json:"title" binding:"required"`
}

var books = []book{{1, "The Go Programming Language"}, {2, "Walden"}}

var greeting = os.Getenv("GREETING")

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		log.Fatal("$PORT must be set")
	}
	if greeting == "" {
		greeting = "Hello"
	}

	router := gin.New()
	router.Use(gin.Logger())
	router.LoadHTMLGlob("templates/*.tmpl.html")
	router.Static("/static", "static")

	router.GET("/", func(c *gin.Context) { c.HTML(http.StatusOK, "index.tmpl.html", gin.H{"greeting": greeting}) })
	router.GET("/books", func(c *gin.Context) { c.JSON(http.StatusOK, books) })
	router.GET("/books/:id", one)
	router.POST("/books", add)
	router.POST("/sign", func(c *gin.Context) { c.String(http.StatusOK, "Thank you, %s!\n", c.PostForm("name")) })
	router.GET("/old", func(c *gin.Context) { c.Redirect(http.StatusFound, "/books") })
	router.GET("/visits", visits)
	router.GET("/fail", func(c *gin.Context) { panic("failed as asked") })

	router.Run(":" + port)
}

func one(c *gin.Context) {
	id, err := strconv.Atoi(c.Param("id"))
	if err != nil || id < 1 || id > len(books) {
		c.JSON(http.StatusNotFound, gin.H{"error": "no such book"})
		return
	}
	c.JSON(http.StatusOK, books[id-1])
}

func add(c *gin.Context) {
	var added book
	if err := c.ShouldBindJSON(&added); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	added.ID = len(books) + 1
	c.JSON(http.StatusCreated, added)
}

func visits(c *gin.Context) {
	before, _ := c.Cookie("visits")
	count, _ := strconv.Atoi(before)
	c.SetCookie("visits", strconv.Itoa(count+1), 0, "/", "", false, true)
	c.String(http.StatusOK, "%d\n", count+1)
}
