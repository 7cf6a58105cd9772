#include "parquet/parquet_file.hpp"

#include <parquet/column_writer.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <array>
#include <utility>

#include "parquet/arrow_output.hpp"

namespace weir {
namespace {

using ::parquet::LogicalType;
using ::parquet::Type;

::parquet::schema::NodePtr node_of(const ParquetColumn& column) {
  const auto node = [&](const std::shared_ptr<const LogicalType>& logical, Type::type type, int length = -1) {
    return ::parquet::schema::PrimitiveNode::Make(column.name, ::parquet::Repetition::OPTIONAL, logical, type, length);
  };
  switch (column.type) {
    case ParquetType::boolean:
      return node(LogicalType::None(), Type::BOOLEAN);
    case ParquetType::int64:
      return node(LogicalType::Int(64, true), Type::INT64);
    case ParquetType::float64:
      return node(LogicalType::None(), Type::DOUBLE);
    case ParquetType::time:
      return node(LogicalType::Timestamp(true, LogicalType::TimeUnit::MICROS), Type::INT64);
    case ParquetType::date:
      return node(LogicalType::Date(), Type::INT32);
    case ParquetType::decimal:
      if (column.is_wide_decimal())
        return node(LogicalType::Decimal(column.precision, column.scale), Type::FIXED_LEN_BYTE_ARRAY,
                    static_cast<int>(ParquetValues::wide_bytes));
      return node(LogicalType::Decimal(column.precision, column.scale), Type::INT64);
    case ParquetType::text:
      break;
  }
  return node(LogicalType::String(), Type::BYTE_ARRAY);
}

std::shared_ptr<::parquet::schema::GroupNode> schema_of(const std::vector<ParquetColumn>& columns) {
  ::parquet::schema::NodeVector nodes;
  for (const ParquetColumn& column : columns) nodes.push_back(node_of(column));
  return std::static_pointer_cast<::parquet::schema::GroupNode>(
      ::parquet::schema::GroupNode::Make("schema", ::parquet::Repetition::REQUIRED, nodes));
}

const std::uint8_t* bytes_at(const std::string& bytes, std::size_t at) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data() + at);
}

/// Writes values of the physical type `Physical` in batches; `at(i)` makes the value of that number.
template <typename Physical, typename At>
void write_values(::parquet::ColumnWriter& writer, const std::vector<std::int16_t>& present, At at) {
  constexpr std::size_t batch_rows = 4096;
  std::array<typename Physical::c_type, batch_rows> batch;
  std::size_t next = 0;
  auto& typed = dynamic_cast<::parquet::TypedColumnWriter<Physical>&>(writer);
  for (std::size_t row = 0; row < present.size(); row += batch_rows) {
    const std::size_t rows = std::min(batch_rows, present.size() - row);
    std::size_t count = 0;
    for (std::size_t i = row; i < row + rows; ++i)
      if (present[i] != 0) batch[count++] = at(next++);
    typed.WriteBatch(static_cast<std::int64_t>(rows), present.data() + row, nullptr, batch.data());
  }
}

}  // namespace

struct ParquetFile::Impl {
  std::shared_ptr<ArrowOutput> out;
  std::unique_ptr<::parquet::ParquetFileWriter> writer;
  ::parquet::RowGroupWriter* group = nullptr;
};

void ParquetValues::clear() {
  present_.clear();
  whole_.clear();
  floats_.clear();
  bytes_.clear();
  ends_.clear();
}

ParquetFile::ParquetFile(const std::string& path, std::vector<ParquetColumn> columns, int compression_level)
    : path_(path), columns_(std::move(columns)), impl_(std::make_unique<Impl>()) {
  guarded(path_, [&] {
    impl_->out = std::make_shared<ArrowOutput>(path_);
    ::parquet::WriterProperties::Builder properties;
    properties.compression(::parquet::Compression::ZSTD);
    properties.compression_level(compression_level);
    impl_->writer = ::parquet::ParquetFileWriter::Open(impl_->out, schema_of(columns_), properties.build());
  });
}

ParquetFile::~ParquetFile() = default;

void ParquetFile::write(std::vector<ParquetValues>& columns) {
  guarded(path_, [&] {
    impl_->group = impl_->writer->AppendRowGroup();
    for (std::size_t i = 0; i < columns.size(); ++i) write_column(i, columns[i]);
    impl_->group->Close();
  });
  impl_->out->check();
  for (ParquetValues& values : columns) values.clear();
}

void ParquetFile::write_column(std::size_t index, ParquetValues& values) {
  ::parquet::ColumnWriter& writer = *impl_->group->NextColumn();
  const std::vector<std::int64_t>& whole = values.whole_;
  const auto start = [&](std::size_t i) { return i == 0 ? std::size_t{0} : values.ends_[i - 1]; };
  const ParquetColumn& column = columns_[index];
  switch (column.type) {
    case ParquetType::boolean:
      write_values<::parquet::BooleanType>(writer, values.present_, [&](std::size_t i) { return whole[i] != 0; });
      break;
    case ParquetType::float64:
      write_values<::parquet::DoubleType>(writer, values.present_, [&](std::size_t i) { return values.floats_[i]; });
      break;
    case ParquetType::date:
      write_values<::parquet::Int32Type>(writer, values.present_,
                                         [&](std::size_t i) { return static_cast<std::int32_t>(whole[i]); });
      break;
    case ParquetType::text:
      write_values<::parquet::ByteArrayType>(writer, values.present_, [&](std::size_t i) {
        return ::parquet::ByteArray(static_cast<std::uint32_t>(values.ends_[i] - start(i)),
                                    bytes_at(values.bytes_, start(i)));
      });
      break;
    default:
      if (column.is_wide_decimal())
        write_values<::parquet::FLBAType>(writer, values.present_, [&](std::size_t i) {
          return ::parquet::FixedLenByteArray(bytes_at(values.bytes_, start(i)));
        });
      else
        write_values<::parquet::Int64Type>(writer, values.present_, [&](std::size_t i) { return whole[i]; });
  }
  writer.Close();
}

std::uint64_t ParquetFile::finish() {
  guarded(path_, [&] { impl_->writer->Close(); });
  return impl_->out->sync();
}

}  // namespace weir
