package weir.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;

/** One-minute windows of each sensor from a topic to a topic by Kafka Streams, exactly once: BROKERS IN OUT FOLDER COMMIT-MS THREADS. */
public final class StreamsWindows {
  private static Reading reading(byte[] text) {
    try {
      return Reading.of(text);
    } catch (IOException problem) {
      throw new SerializationException(problem);
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[2]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[3]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, arguments[4]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[5]);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // The default of 10 s ends transactions on a busy machine, and the program rebalances for ever.
    settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 60_000);
    // Static membership: a program that is started again takes its old place at once, not after the session's time limit.
    settings.put(StreamsConfig.consumerPrefix("group.instance.id"), "one");
    // Closed windows are looked for ten times a second, with a reading. The default is once a second, which would be added to the latency.
    settings.put("__emit.interval.ms.kstreams.windowed.aggregation__", 100L);

    Serde<Reading> readings = Serdes.serdeFrom((topic, each) -> { throw new SerializationException("readings are only read"); },
        (topic, text) -> reading(text));
    Serde<Cell> cells = Serdes.serdeFrom((topic, cell) -> cell == null ? null : cell.bytes(), (topic, bytes) -> bytes == null ? null : Cell.of(bytes));
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(arguments[1], Consumed.with(Serdes.String(), readings).withTimestampExtractor((record, before) -> ((Reading) record.value()).time))
        .groupByKey(Grouped.with(Serdes.String(), readings))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(2)))
        .emitStrategy(EmitStrategy.onWindowClose())
        .aggregate(Cell::new, (key, each, cell) -> cell.add(each.value), Materialized.with(Serdes.String(), cells))
        .toStream()
        .map((window, cell) -> KeyValue.pair(window.key(), cell.row(window.window().start(), window.key())))
        .to(arguments[2], Produced.with(Serdes.String(), Serdes.ByteArray()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    new CountDownLatch(1).await();
  }
}
