using Xunit;

namespace Ublk.Guest.Tests;

/// <summary>Each scenario of <c>scenarios/</c> on each kernel it is for, in one guest a kernel.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string, string> Scenarios()
    {
        var data = new TheoryData<string, string>();
        foreach (string kernel in GuestRun.Kernels)
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(GuestRun.Folder, "scenarios"), "*.sh").Order(StringComparer.Ordinal))
            {
                if (IsFor(kernel, file))
                    data.Add(kernel, Path.GetFileNameWithoutExtension(file));
            }
        }
        return data;
    }

    // As guest-tests does.
    static bool IsFor(string kernel, string file) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith("# kernels: ", StringComparison.Ordinal)) is not { } line || line.Split(' ').Contains(kernel);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Holds_on_the_real_driver(string kernel, string scenario)
    {
        if (GuestRun.On(kernel).FailureOf(scenario) is { } failure)
            Assert.Fail(failure);
    }
}
