#!/bin/sh
touch /tmp/access.log
gunicorn -b 0.0.0.0:7860 --access-logfile /tmp/access.log app:app &
echo "server started"
tail -f /tmp/access.log
