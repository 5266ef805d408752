using Ublk.Control;
using Ublk.Engine;
using Ublk.Host.Doctor;

namespace Ublk.Host.Tests.Doctor;

public sealed class ChecksTests
{
    [Theory]
    [InlineData("5.10.0-30-amd64", FindingState.Problem)]
    [InlineData("6.1.0-56-cloud-amd64", FindingState.Warning)]
    [InlineData("6.12.117+deb13-cloud-amd64", FindingState.Ok)]
    [InlineData("6.18.3", FindingState.Ok)]
    [InlineData("6.18.4", FindingState.Problem)]
    [InlineData("6.18.5-200.fc43.x86_64", FindingState.Problem)]
    [InlineData("6.18.6", FindingState.Ok)]
    [InlineData("6.18.44-fc-v595", FindingState.Ok)]
    [InlineData("6.17.0-1003-azure", FindingState.Problem)]
    [InlineData("6.17.0-1012-aws", FindingState.Problem)]
    [InlineData("6.17.0-12-generic", FindingState.Ok)]
    [InlineData("7.2.12+deb13-cloud-amd64", FindingState.Ok)]
    [InlineData("7.0-rc4", FindingState.Ok)]
    public void Kernels_that_break_are_known(string release, FindingState state)
    {
        var finding = KernelCheck.Judge(release);

        Assert.Equal(state, finding.State);
        Assert.Contains(release, finding.Text, StringComparison.Ordinal);
        Assert.Equal(state == FindingState.Ok, finding.Remedy is null);
    }

    [Theory]
    [InlineData(true, false, null, FindingState.Ok, "ublk_drv")]
    [InlineData(false, true, "m", FindingState.Warning, "modprobe ublk_drv")]
    [InlineData(false, false, "m", FindingState.Problem, "linux-modules-extra")]
    [InlineData(false, false, "n", FindingState.Problem, "CONFIG_BLK_DEV_UBLK=m")]
    [InlineData(false, false, null, FindingState.Problem, "CONFIG_BLK_DEV_UBLK=m")]
    public void A_missing_driver_is_explained(bool loaded, bool hasModule, string? option, FindingState state, string word)
    {
        var finding = DriverCheck.Judge(loaded, hasModule, option);

        Assert.Equal(state, finding.State);
        Assert.Contains(word, finding.Text + finding.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, FindingState.Ok)]
    [InlineData("0", FindingState.Ok)]
    [InlineData("1", FindingState.Ok)]
    [InlineData("2", FindingState.Problem)]
    public void A_switched_off_io_uring_is_a_problem(string? value, FindingState state) => Assert.Equal(state, IoUringCheck.Judge(value).State);

    [Fact]
    public void The_control_node_is_checked_before_its_features()
    {
        Assert.Equal(
            [FindingState.Problem], ControlNodeCheck.Judge(new DriverProbe(false, "missing", 0, [], false)).Select(finding => finding.State));
        Assert.Equal(
            [FindingState.Problem], ControlNodeCheck.Judge(new DriverProbe(true, "permission denied", 0, [], false)).Select(finding => finding.State));
        Assert.Equal(
            [FindingState.Ok, FindingState.Warning, FindingState.Ok], ControlNodeCheck.Judge(new DriverProbe(true, null, 0, [], true)).Select(finding => finding.State));
        Finding[] all = [.. ControlNodeCheck.Judge(new DriverProbe(true, null, 3, ["A", "B"], false))];
        Assert.Equal(("A B", "copy only; user-copy needs Linux 6.5, zero-copy 6.16"), (all[1].Text, all[2].Text));
        Assert.StartsWith("copy and user-copy;", ControlNodeCheck.Judge(new DriverProbe(true, null, 0x1fe, [], false)).Last().Text, StringComparison.Ordinal);
        Assert.StartsWith("copy, user-copy and zero-copy;", ControlNodeCheck.Judge(new DriverProbe(true, null, 0xfffff, [], false)).Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Low_limits_are_told_and_root_need_not_care_for_memlock()
    {
        const string limits = """
            Limit                     Soft Limit           Hard Limit           Units
            Max open files            1024                 2048                 files
            Max locked memory         8388608              8388608              bytes
            """;

        Assert.Equal(2048UL, LimitsCheck.Hard(limits, "Max open files"));
        Assert.Equal(ulong.MaxValue, LimitsCheck.Hard("Max open files            unlimited            unlimited            files", "Max open files"));
        Assert.Equal([FindingState.Ok, FindingState.Ok, FindingState.Warning], LimitsCheck.Judge(limits, privileged: true).Select(finding => finding.State));
        Assert.Equal(
            [FindingState.Problem, FindingState.Warning, FindingState.Warning], LimitsCheck.Judge(limits, privileged: false).Select(finding => finding.State));
    }

    [Theory]
    [InlineData("CONFIG_BLK_DEV_UBLK=m", "m")]
    [InlineData("CONFIG_BLK_DEV_UBLK=y", "y")]
    [InlineData("# CONFIG_BLK_DEV_UBLK is not set", "n")]
    [InlineData("CONFIG_BLK_DEV_UBLK_LEGACY=y", "n")]
    public void The_kernel_option_is_read_by_its_whole_name(string line, string value) =>
        Assert.Equal(value, KernelConfig.Find(new StringReader($"CONFIG_X=y\n{line}\n"), "CONFIG_BLK_DEV_UBLK"));

    [Fact]
    public void Each_finding_that_is_not_ok_says_what_to_do()
    {
        var findings = Examination.Run(new DaemonOptions()).Findings;

        Assert.Contains(findings, finding => finding.Check == "kernel");
        Assert.All(findings, finding => Assert.True(finding.State == FindingState.Ok || finding.Remedy is not null, finding.Text));
    }
}
