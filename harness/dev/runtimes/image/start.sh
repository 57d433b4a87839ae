#!/bin/sh
# Prepares what a container lacks for running containers of its own, then becomes containerd: start.sh SOCKET
# "ckptest: runtime is ready" on standard output says that the socket answers and the images are there.
set -eu

socket=$1

# The engine mounts these read-only; the container has a cgroup namespace of its own, so that what
# containerd makes lies below this container's cgroup and goes with it.
mount -o remount,rw /proc/sys
awk '$3 ~ /^cgroup/ { print $2 }' /proc/mounts | while read -r folder; do mount -o remount,bind,rw "$folder"; done

# cgroup v2 gives a controller to children only of a cgroup that has no processes itself.
if [ -e /sys/fs/cgroup/cgroup.subtree_control ]; then
  mkdir -p /sys/fs/cgroup/runtime
  while read -r pid; do echo "$pid" >/sys/fs/cgroup/runtime/cgroup.procs || true; done </sys/fs/cgroup/cgroup.procs
  sed 's/[^ ]*/+&/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi

{
  until ctr --address "$socket" version >/dev/null 2>&1; do sleep 0.1; done
  ctr --address "$socket" --namespace k8s.io images import /usr/local/lib/ckptest/images.tar
  # A name with a digest is what a checkpoint remembers of its image, and what containerd 2.1 pulls when it restores.
  if command -v python3 >/dev/null; then
    python3 /usr/local/lib/ckptest/registry.py "$socket" &
    name=localhost:5000/busybox
    digest=$(ctr --address "$socket" --namespace k8s.io images ls name==docker.io/library/busybox:latest | awk 'END { print $3 }')
    for reference in "$name:latest" "$name@$digest"; do
      ctr --address "$socket" --namespace k8s.io images tag docker.io/library/busybox:latest "$reference"
    done
  fi
  echo 'ckptest: runtime is ready'
} &

exec containerd --address "$socket"
