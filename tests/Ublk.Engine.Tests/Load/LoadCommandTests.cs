using System.Text.Json;
using Ublk.Load;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class LoadCommandTests
{
    const string Quick = "--seconds 0.02 --warm-up 0.02 --rounds 2";

    [Theory]
    [InlineData("", "no device; give --table TEXT, --device NAME=TABLE or --raw FILE")]
    [InlineData("--depth x --table zero", "--depth x: not a whole number from 1 to 4096")]
    [InlineData("--workers 65 --table zero", "--workers 65: not a whole number from 1 to 64")]
    [InlineData("--seconds 0 --table zero", "--seconds 0: not a number of seconds from 0.001 to 86400")]
    [InlineData("--pattern 1 --table zero", "--pattern '1': is none of randread, randwrite, read, write, randrw")]
    [InlineData("--block-size 1000 --table zero", "is not a whole number of sectors")]
    [InlineData("--block-size 32m --depth 64 --table zero", "more than 1 GiB of buffers")]
    [InlineData("--device zero", "--device zero: write NAME=TABLE")]
    [InlineData("--raw /dev/vda --layers 1", "--raw excludes --table, --device and --layers")]
    [InlineData("--bogus", "'--bogus'")]
    public Task A_mistake_on_the_command_line_is_told_in_one_line_and_exits_with_2(string line, string told) => AssertRefusedAsync(2, line, told);

    [Theory]
    [InlineData("--table bogus", "device top: table line 1: unknown target 'bogus'")]
    [InlineData("--device a=0_8_zero --device a=0_8_zero", "device a exists already")]
    [InlineData("--device a/b=zero", "'a/b' is no device name")]
    [InlineData("--table 0_8_zero --size 8k", "--size is 16 sectors, the device has 8")]
    [InlineData("--table 0_8_error", "a request failed: IO")]
    [InlineData("--raw /proc/none", "/proc/none: no such file")]
    public Task What_cannot_be_run_is_told_in_one_line_and_exits_with_1(string line, string told) => AssertRefusedAsync(1, $"{line} {Quick}", told);

    [Fact]
    public async Task A_stack_is_measured_and_its_figures_agree()
    {
        using var folder = new TempFolder(null);
        string file = folder.File("f", 8192);
        (int code, string output, string error) = await RunAsync(
            ["--device", $"low=linear {file} 0", "--table", "linear /dev/ublk-dm/low 0", "--layers", "2", "--workers", "2", "--pattern", "randrw", "--json", .. Quick.Split(' ')]);
        Assert.Equal((0, ""), (code, error));
        JsonElement measured = JsonDocument.Parse(output).RootElement;
        Assert.Equal((2, 2, "randrw"), (measured.GetProperty("layers").GetInt32(), measured.GetProperty("workers").GetInt32(), measured.GetProperty("pattern").GetString()));
        double iops = measured.GetProperty("iops").GetDouble();
        Assert.Equal(iops * 4096, measured.GetProperty("bytesPerSecond").GetDouble(), 1.0);
        Assert.True(measured.GetProperty("requests").GetInt64() > 0);
        JsonElement latency = measured.GetProperty("latencyNs");
        Assert.InRange(latency.GetProperty("p50").GetInt64(), latency.GetProperty("min").GetInt64(), latency.GetProperty("max").GetInt64());
    }

    [Fact]
    public async Task A_file_is_measured_without_the_engine_and_let_go()
    {
        using var folder = new TempFolder(null);
        string file = folder.File("f", 8192);
        for (int i = 0; i < 2; i++)
        {
            (int code, string output, string error) = await RunAsync(["--raw", file, "--no-latency", .. Quick.Split(' ')]);
            Assert.Equal((0, ""), (code, error));
            Assert.Contains($"io_uring on {file}", output);
            Assert.DoesNotContain("latency", output);
        }
    }

    static async Task AssertRefusedAsync(int exitCode, string line, string told)
    {
        string[] args = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Replace('_', ' '))];
        (int code, string output, string error) = await RunAsync(args);
        Assert.Equal((exitCode, ""), (code, output));
        Assert.Matches("^error: [^\n]*\n$", error);
        Assert.Contains(told, error);
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        return (await CommandLine.RunAsync(args, output, error), output.ToString(), error.ToString());
    }
}
