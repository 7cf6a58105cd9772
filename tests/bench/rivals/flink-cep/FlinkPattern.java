package weir.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.PatternSelectFunction;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

/**
 * Two steps of each sensor by Flink's CEP library, from a file of readings: FILE OUT. It writes the matches to OUT, and prints the seconds
 * and the seconds of CPU from the first reading to the end.
 */
public final class FlinkPattern {
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static long begin;
  private static long beginProcessor;

  /** A reading of the weather; its other fields are skipped. */
  public static class Weather {
    public long time;
    public String timestamp;
    public String sensor;
    public double temp;
    public double pressure;
  }

  private static Weather read(String text) throws IOException {
    if (begin == 0) {
      begin = System.nanoTime();
      beginProcessor = SYSTEM.getProcessCpuTime();
    }
    Weather reading = new Weather();
    Fields.each(Fields.JSON.createParser(text), (name, parser) -> {
      switch (name) {
        case "timestamp" -> reading.timestamp = parser.getText();
        case "sensor" -> reading.sensor = parser.getText();
        case "temp" -> reading.temp = parser.getDoubleValue();
        case "pressure" -> reading.pressure = parser.getDoubleValue();
        default -> parser.skipChildren();
      }
    });
    reading.time = Instant.parse(reading.timestamp).toEpochMilli();
    return reading;
  }

  private static final class Match implements PatternSelectFunction<Weather, String> {
    @Override
    public String select(Map<String, List<Weather>> match) {
      Weather first = match.get("a").get(0);
      Weather last = match.get("b").get(0);
      return "{\"window_start\":\"" + first.timestamp + "\",\"window_end\":\"" + last.timestamp + "\",\"sensor\":\"" + first.sensor + "\"}";
    }
  }

  public static void main(String[] arguments) throws Exception {
    Configuration settings = new Configuration();
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("taskmanager.memory.network.min", "32mb");
    settings.setString("taskmanager.memory.network.max", "32mb");
    settings.setString("taskmanager.memory.managed.size", "32mb");
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    FileSource<String> file = FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(arguments[0])).build();
    DataStream<Weather> readings =
        environment.fromSource(file, WatermarkStrategy.noWatermarks(), "lines").map(FlinkPattern::read).returns(Weather.class)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Weather>forMonotonousTimestamps().withTimestampAssigner((reading, before) -> reading.time))
            .keyBy(reading -> reading.sensor);
    // Flink's `within` ends before its length, cep-match's with it.
    Pattern<Weather, ?> pattern =
        Pattern.<Weather>begin("a", AfterMatchSkipStrategy.skipPastLastEvent()).where(SimpleCondition.of(reading -> reading.temp > 34))
            .followedBy("b").where(SimpleCondition.of(reading -> reading.temp > 30 && reading.pressure > 1025))
            .within(Duration.ofMillis(600_001));
    try (CloseableIterator<String> matches = CEP.pattern(readings, pattern).inEventTime().select(new Match()).executeAndCollect();
        PrintWriter out = new PrintWriter(arguments[1])) {
      while (matches.hasNext()) {
        out.println(matches.next());
      }
    }
    System.out.printf("%.3f %.3f%n", (System.nanoTime() - begin) / 1e9, (SYSTEM.getProcessCpuTime() - beginProcessor) / 1e9);
  }
}
