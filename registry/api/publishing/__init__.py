"""Publishing over HTTP: drafts that are uploaded, and the jobs that release and change versions."""
