"""Events and photos: import, previews, watermark, EXIF; object store."""
