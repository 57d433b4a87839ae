#!/bin/sh
# Packs two images with the static busybox into one archive in the format of docker save: pack-images.sh ARCHIVE
# They replace the images of these names, because no registry can be reached.
set -eu

archive=$1
work=$(mktemp -d)
cd "$work"

mkdir -p layer/bin layer/etc layer/root layer/tmp layer/usr layer/var
chmod 1777 layer/tmp
cp /bin/busybox layer/bin/busybox
for applet in $(busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox "layer/bin/$applet"
done
echo 'root:x:0:0:root:/root:/bin/sh' >layer/etc/passwd
echo 'root:x:0:' >layer/etc/group
tar --create --file layer.tar --directory layer --owner=0 --group=0 --numeric-owner --sort=name --mtime=@0 .
layer_digest=$(sha256sum layer.tar | cut -d ' ' -f 1)

# describe FILE RUN: writes an image configuration with RUN, the member that says what its containers run.
describe() {
  printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z",' "$(dpkg --print-architecture)" >"$1"
  printf '"config":{"Env":["PATH=/bin"],%s},' "$2" >>"$1"
  printf '"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\n' "$layer_digest" >>"$1"
}

describe busybox.json '"Cmd":["sh"]'
describe pause.json '"Entrypoint":["/bin/sleep","2147483647"]'
cat >manifest.json <<END
[
  {"Config":"busybox.json","RepoTags":["docker.io/library/busybox:latest"],"Layers":["layer.tar"]},
  {"Config":"pause.json","RepoTags":["registry.k8s.io/pause:3.10"],"Layers":["layer.tar"]}
]
END
tar --create --file "$archive" manifest.json busybox.json pause.json layer.tar
rm -r "$work"
