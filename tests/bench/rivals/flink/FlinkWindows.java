package weir.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One-minute windows of each sensor from a topic to a topic by Flink in one process, exactly once:
 * BROKERS IN OUT FOLDER CHECKPOINT-MS PARALLELISM [CHECKPOINT]. It goes on from a checkpoint where one is named.
 */
public final class FlinkWindows {
  private static final class Readings extends AbstractDeserializationSchema<Reading> {
    @Override
    public Reading deserialize(byte[] text) throws IOException {
      return Reading.of(text);
    }
  }

  private static final class Cells implements AggregateFunction<Reading, Cell, Cell> {
    @Override
    public Cell createAccumulator() {
      return new Cell();
    }

    @Override
    public Cell add(Reading reading, Cell cell) {
      return cell.add(reading.value);
    }

    @Override
    public Cell getResult(Cell cell) {
      return cell;
    }

    @Override
    public Cell merge(Cell one, Cell other) {
      return one.merge(other);
    }
  }

  /** A row of the output, with its key. */
  public static class Row {
    public String sensor;
    public byte[] text;
  }

  private static final class Rows extends ProcessWindowFunction<Cell, Row, String, TimeWindow> {
    @Override
    public void process(String sensor, Context context, Iterable<Cell> cells, Collector<Row> out) {
      Row row = new Row();
      row.sensor = sensor;
      row.text = cells.iterator().next().row(context.window().getStart(), sensor);
      out.collect(row);
    }
  }

  private static final class Messages implements KafkaRecordSerializationSchema<Row> {
    private final String topic;

    Messages(String topic) {
      this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Row row, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, row.sensor.getBytes(StandardCharsets.UTF_8), row.text);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Configuration settings = new Configuration();
    settings.setString("execution.checkpointing.interval", arguments[4] + " ms");
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("execution.checkpointing.storage", "filesystem");
    settings.setString("execution.checkpointing.dir", "file://" + arguments[3]);
    settings.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("taskmanager.memory.network.min", "32mb");
    settings.setString("taskmanager.memory.network.max", "32mb");
    settings.setString("taskmanager.memory.managed.size", "32mb");
    settings.setString("restart-strategy.type", "fixed-delay");
    settings.setString("restart-strategy.fixed-delay.delay", "100 ms");
    settings.setString("restart-strategy.fixed-delay.attempts", "1000");
    if (arguments.length > 6) settings.setString("execution.state-recovery.path", "file://" + arguments[6]);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(Integer.parseInt(arguments[5]), settings);
    KafkaSource<Reading> source = KafkaSource.<Reading>builder().setBootstrapServers(arguments[0]).setTopics(arguments[1]).setGroupId(arguments[2])
        .setStartingOffsets(OffsetsInitializer.earliest()).setValueOnlyDeserializer(new Readings()).build();
    KafkaSink<Row> sink = KafkaSink.<Row>builder().setBootstrapServers(arguments[0]).setRecordSerializer(new Messages(arguments[2]))
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE).setTransactionalIdPrefix(arguments[2]).setProperty("transaction.timeout.ms", "60000").build();
    environment
        .fromSource(source, WatermarkStrategy.<Reading>forBoundedOutOfOrderness(Duration.ofSeconds(2)).withTimestampAssigner((reading, before) -> reading.time),
            "readings")
        .keyBy(reading -> reading.sensor)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
        .aggregate(new Cells(), new Rows())
        .sinkTo(sink);
    environment.execute("windows");
  }
}
