// An effect for sound: learns what an amplifier does, and does it to what comes in, in real time.
//
//     rondo build graphs/embed/overdrive.graph --batch 8 --with cpp -o build/overdrive
//     c++ -std=c++17 -O2 -Ibuild/overdrive -c -x c++ graphs/embed/effect.cpp -o build/effect.o
//     cc -O2 -Ibuild/overdrive -c build/overdrive/overdrive.c -o build/overdrive.o
//     c++ build/effect.o build/overdrive.o -lm -o build/effect
//     build/effect learn DRY WET WEIGHTS
//     build/effect play WEIGHTS < DRY > WET
//
// Sound is raw: real numbers of 32 bits between -1 and 1, one channel, 48,000 a second; with `play16`
// instead of `play` whole numbers of 16 bits. The sound is heard in blocks of 64; what the slowest of
// them took is said at the end, beside the 1333 microseconds that it lasts.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "overdrive.hpp"

namespace {

constexpr std::size_t block_samples = 64;
constexpr double rate = 48000;

/// What a person is told, without the name of the program.
[[noreturn]] void refuse(const std::string &text) { throw std::runtime_error(text); }

std::vector<float> read_sound(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file || bytes.empty()) refuse("cannot read " + path + ", or nothing is in it");
  if (bytes.size() % sizeof(float) != 0) refuse(path + " is cut within a sample");
  std::vector<float> sound(bytes.size() / sizeof(float));
  std::memcpy(sound.data(), bytes.data(), bytes.size());
  for (float sample : sound) {
    if (!std::isfinite(sample)) refuse(path + " has a sample that is no number");
  }
  return sound;
}

/// The weights as they stand in memory, behind the hash of how they stand there.
void save(const overdrive_cpp::model &model, const std::string &path) {
  std::ofstream file(path, std::ios::binary);
  file << overdrive_model_table.layout_hash << '\n';
  file.write(static_cast<const char *>(model.context()->parameters), OVERDRIVE_PARAMETERS_BYTES);
  if (!file.flush()) refuse("cannot write " + path);
}

void load(overdrive_cpp::model &model, const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string hash;
  if (!std::getline(file, hash)) refuse("cannot read " + path);
  if (hash != overdrive_model_table.layout_hash) refuse(path + " has no weights of this model");
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() != OVERDRIVE_PARAMETERS_BYTES) refuse(path + " is cut, or too long");
  std::memcpy(model.context()->parameters, bytes.data(), bytes.size());
}

/// Learns from a recording before and after, which is cut into as many streams as the batch has rows.
void learn(overdrive_cpp::model &model, const std::string &dry_path, const std::string &wet_path) {
  constexpr std::size_t rows = overdrive_cpp::model::batch_bound;
  constexpr std::size_t steps = overdrive_cpp::model::time_bound;
  const std::vector<float> dry = read_sound(dry_path);
  const std::vector<float> wet = read_sound(wet_path);
  if (dry.size() != wet.size()) refuse("the two recordings are not as long as each other");
  const std::size_t stream = dry.size() / rows;
  if (stream < steps) refuse("the recordings are shorter than 512 samples");
  std::vector<float> x(rows * steps), y(rows * steps);
  model.initialize(7);
  for (int epoch = 1; epoch <= 30; epoch += 1) {
    std::vector<std::uint8_t> fresh(rows, 1);
    double sum = 0;
    std::size_t windows = 0;
    for (std::size_t at = 0; at + steps <= stream; at += steps) {
      for (std::size_t row = 0; row < rows; row += 1) {
        std::copy_n(&dry[row * stream + at], steps, &x[row * steps]);
        std::copy_n(&wet[row * stream + at], steps, &y[row * steps]);
      }
      sum += static_cast<double>(
          model.train(static_cast<std::int32_t>(rows), x.data(), y.data(), fresh.data(), 0.01f));
      windows += 1;
      std::fill(fresh.begin(), fresh.end(), std::uint8_t{0});
    }
    if (epoch % 10 == 0) {
      std::cerr << "epoch " << epoch << ": loss " << sum / static_cast<double>(windows) << '\n';
    }
  }
}

float from(float sample) { return sample; }
float from(std::int16_t sample) { return static_cast<float>(sample) / 32768; }
void to(float sound, float &sample) { sample = sound; }
void to(float sound, std::int16_t &sample) {
  sample = static_cast<std::int16_t>(std::lrint(std::clamp(sound * 32768, -32768.0f, 32767.0f)));
}

/// From standard input to standard output, block by block; nothing is allocated on the way.
template <typename Sample>
void play(overdrive_cpp::model &model) {
  using clock = std::chrono::steady_clock;
  std::array<Sample, block_samples> block{};
  double slowest = 0;
  std::size_t samples = 0;
  model.begin(1);
  while (const std::size_t bytes = std::fread(block.data(), 1, sizeof block, stdin)) {
    if (bytes % sizeof(Sample) != 0) refuse("the sound is cut within a sample");
    const std::size_t count = bytes / sizeof(Sample);
    const auto start = clock::now();
    for (std::size_t i = 0; i < count; i += 1) {
      const float dry = from(block[i]);
      float sound = 0;
      model.step(1, &dry, &sound);
      to(sound, block[i]);
    }
    slowest = std::max(slowest, std::chrono::duration<double>(clock::now() - start).count());
    samples += count;
    if (std::fwrite(block.data(), sizeof(Sample), count, stdout) != count) refuse("cannot write");
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdin)) refuse("cannot read or write the sound");
  std::fprintf(stderr, "%zu samples, the slowest block took %.0f of %.0f microseconds\n", samples,
               slowest * 1e6, block_samples / rate * 1e6);
}

}  // namespace

int main(int count, char **words) {
  const std::vector<std::string> word(words + 1, words + count);
  try {
    overdrive_cpp::model model;
    if (word.size() == 4 && word[0] == "learn") {
      learn(model, word[1], word[2]);
      save(model, word[3]);
    } else if (word.size() == 2 && (word[0] == "play" || word[0] == "play16")) {
      load(model, word[1]);
      word[0] == "play" ? play<float>(model) : play<std::int16_t>(model);
    } else {
      refuse("write: effect learn DRY WET WEIGHTS, or: effect play WEIGHTS < DRY > WET");
    }
  } catch (const std::exception &error) {
    std::cerr << "effect: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
