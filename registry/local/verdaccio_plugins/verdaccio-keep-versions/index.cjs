'use strict'

// Whoever may deprecate a version may unpublish it, as Verdaccio has one right for both. This refuses to unpublish: the
// requests that do nothing else, and a packument that lacks a version that is there.
module.exports = () => ({
  register_middlewares(app, _auth, storage) {
    app.use((request, response, next) => {
      const refuse = (why) => response.status(403).json({ error: `versions are never removed: ${why}` })
      const path = decodeURIComponent(request.path)
      const isTag = path.startsWith('/-/')
      if (request.method === 'DELETE' && !isTag) return refuse('deprecate them')
      if (request.method !== 'PUT' || isTag) return next()
      if (path.includes('/-rev/')) return refuse('deprecate them')
      const { versions, _attachments: files } = request.body ?? {}
      if (!versions || (files && Object.keys(files).length > 0)) return next()
      storage.getPackage({
        name: path.slice(1),
        uplinksLook: false,
        req: request,
        callback: (error, stored) => {
          const gone = error ? [] : Object.keys(stored.versions).filter((version) => !(version in versions))
          return gone.length > 0 ? refuse(`this packument lacks ${gone.join(', ')}`) : next()
        }
      })
    })
  }
})
