const express = require('express')
const cookieParser = require('cookie-parser')
const path = require('path')

const PORT = process.env.PORT || 5006
const GREETING = process.env.GREETING || 'Hello'

const app = express()

app.use(express.static(path.join(__dirname, 'public')))
app.use(express.urlencoded({ extended: true }))
app.use(express.json())
app.use(cookieParser())
app.set('views', path.join(__dirname, 'views'))
app.set('view engine', 'ejs')

app.get('/', (req, res) => {
  console.log(`Rendering 'pages/index' for route '/'`)
  res.render('pages/index', { greeting: GREETING, visits: ['first', 'second'] })
})

app.get('/api/notes/:id', (req, res) => {
  res.json({ id: Number(req.params.id), greeting: GREETING, host: req.hostname, query: req.query })
})

app.post('/form', (req, res) => res.json(req.body))
app.get('/old', (req, res) => res.redirect('/'))
app.get('/cookie', (req, res) => {
  res.cookie('seen', '1', { httpOnly: true })
  res.json({ seen: req.cookies.seen ?? null })
})

app.get('/error', () => {
  throw new Error('an error as asked')
})
app.get('/later', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  throw new Error('an error after a while')
})

const server = app.listen(PORT, () => console.log(`Listening on ${PORT}`))

process.on('SIGTERM', async () => {
  console.log('SIGTERM signal received: gracefully shutting down')
  if (server) {
    server.close(() => console.log('HTTP server closed'))
  }
})
