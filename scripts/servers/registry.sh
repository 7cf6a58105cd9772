# A registry of schemas with Confluent's interface: Apicurio, in memory. Sets SCHEMA_REGISTRY_URL; the log is $PARTS/registry/log.
# It is assembled from Maven Central (200 MB, one to two minutes), once.
# packages: default-jre-headless maven curl unzip
# shellcheck shell=bash disable=SC2154

REGISTRY_HOME=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/apicurio-2.1.5

# Assembles the server where it is not there yet.
fetch_registry() {
  [ ! -e "$REGISTRY_HOME/complete" ] || return 0
  need_program mvn
  need_program unzip
  mkdir -p "$REGISTRY_HOME/src/main/resources"
  (
    flock 9
    [ ! -e "$REGISTRY_HOME/complete" ] || exit 0
    echo "registry: the server is assembled in $REGISTRY_HOME" >&2
    cp "$parts_source/scripts/servers/registry/pom.xml" "$REGISTRY_HOME/pom.xml"
    cd "$REGISTRY_HOME" || exit
    assemble_registry >maven.log 2>&1 || { tail -n 40 maven.log >&2; echo "registry: the server could not be assembled" >&2; exit 1; }
    touch complete
  ) 9>"$REGISTRY_HOME/lock"
}

# The index of two dependencies makes Quarkus see the paths of the server's interface.
assemble_registry() {
  mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DincludeArtifactIds=apicurio-registry-app -DoutputDirectory=libs &&
    {
      printf 'quarkus.index-dependency.%s.group-id=io.apicurio\nquarkus.index-dependency.%s.artifact-id=apicurio-registry-%s\n' \
        app app app util util schema-util-provider
      unzip -p libs/apicurio-registry-app-2.1.5.Final.jar application.properties
    } >src/main/resources/application.properties &&
    mvn -q -B package -DskipTests -Dplatform.quarkus.native.builder-image=none
}

start_registry() {
  need_program java
  fetch_registry
  mkdir -p "$PARTS/registry"
  REGISTRY_PORT=$(free_port)
  export SCHEMA_REGISTRY_URL=http://127.0.0.1:$REGISTRY_PORT/apis/ccompat/v6
  run_registry
}

# Starts it on its port; what an earlier start had is gone.
run_registry() {
  java -Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$REGISTRY_PORT" \
    -Dquarkus.log.level=WARN -jar "$REGISTRY_HOME/target/registry-1-runner.jar" >>"$PARTS/registry/log" 2>&1 &
  PARTS_REGISTRY=$!
  parts_pids+=("$!")
  wait_until 60 registry_answers || { cat "$PARTS/registry/log" >&2; exit 1; }
  # Confluent's default; Apicurio's is that everything is compatible.
  curl -sf -X PUT -H 'Content-Type: application/json' -d '{"compatibility":"BACKWARD"}' "$SCHEMA_REGISTRY_URL/config" >/dev/null
}

registry_answers() { curl -sf -m 2 "$SCHEMA_REGISTRY_URL/subjects"; }
stop_registry() { end_process "$PARTS_REGISTRY"; }
