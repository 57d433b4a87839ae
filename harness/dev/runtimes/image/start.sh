#!/bin/sh
# Prepares this container for running containers inside it, then runs containerd: start.sh SOCKET
# Prints "ckptest: runtime is ready" when the socket answers and the images are loaded.
set -eu

socket=$1

# The engine mounts these read-only. This container has its own cgroup namespace, so that the cgroups
# of containerd are below that of this container and are removed with it.
mount -o remount,rw /proc/sys
awk '$3 ~ /^cgroup/ { print $2 }' /proc/mounts | while read -r folder; do mount -o remount,bind,rw "$folder"; done

# In cgroup v2 only a cgroup without processes can enable controllers for its children.
if [ -e /sys/fs/cgroup/cgroup.subtree_control ]; then
  mkdir -p /sys/fs/cgroup/runtime
  while read -r pid; do echo "$pid" >/sys/fs/cgroup/runtime/cgroup.procs || true; done </sys/fs/cgroup/cgroup.procs
  sed 's/[^ ]*/+&/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi

{
  until ctr --address "$socket" version >/dev/null 2>&1; do sleep 0.1; done
  ctr --address "$socket" --namespace k8s.io images import /usr/local/lib/ckptest/images.tar
  # Checkpoints refer to their image by name and digest, which containerd 2.1 pulls when it restores.
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
