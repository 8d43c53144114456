# As much of Homebrew as our formula speaks to. Usage: ruby homebrew.rb FORMULA SYSTEM PROCESSOR [BIN]
# Prints what Homebrew would learn from the formula on such a machine, as JSON. With BIN, the directory of the program,
# it runs the formula's own test instead.
require "json"
require "open3"
require "pathname"
require "socket"

formula, SYSTEM, PROCESSOR, BIN = ARGV

# Homebrew lets paths stand for texts.
class Pathname
  alias to_str to_s
end

module OS
  def self.mac? = SYSTEM == "macos"
end

# Keeps the words of a block: `run [...]` becomes "run" => [...].
class Words
  attr_reader :said

  def initialize = @said = {}
  def method_missing(word, *values) = @said[word] = values.first
  def respond_to_missing?(*) = true
  def opt_bin = Pathname("/opt/bin")
  def var = Pathname("/var")
end

class Formula
  @facts = {}
  class << self
    attr_reader :facts

    def inherited(child)
      super
      child.instance_variable_set(:@facts, {})
    end

    %i[desc homepage license url sha256].each { |word| define_method(word) { |value| facts[word] = value } }
    { on_macos: "macos", on_linux: "linux" }.each do |word, system|
      define_method(word) { |&block| block.call if SYSTEM == system }
    end
    { on_arm: "arm", on_intel: "intel" }.each do |word, processor|
      define_method(word) { |&block| block.call if PROCESSOR == processor }
    end
    %i[livecheck service].each do |word|
      define_method(word) { |&block| facts[word] = Words.new.tap { |words| words.instance_eval(&block) }.said }
    end
    def test(&block) = define_method(:run_test, &block)
  end

  def bin = Pathname(BIN)
  def version = self.class.facts[:url][%r{/v([\d.]+)/}, 1]
  def free_port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }

  def shell_output(command)
    output, status = Open3.capture2(command)
    raise "#{command} failed: #{status}" unless status.success?

    output
  end

  def assert_match(expected, actual)
    raise "#{actual.inspect} does not contain #{expected.inspect}" unless actual.include?(expected)
  end
end

load formula
if BIN
  ClaudeCodeProxy.new.run_test
else
  puts JSON.generate(ClaudeCodeProxy.facts.merge(caveats: ClaudeCodeProxy.new.caveats))
end
