using Ublk.Control;
using Ublk.Host.PlugIns;
using Ublk.Host.Tests.Support;
using Ublk.Interop;

namespace Ublk.Host.Tests.PlugIns;

public sealed class PlugInFolderTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_plug_in_is_loaded_against_our_contract()
    {
        using var plugged = new Plugged();

        var set = PlugInFolder.Load(plugged.Path);

        Assert.Empty(set.Refused);
        var type = Assert.Single(Assert.Single(set.Loaded).TargetTypes);
        Assert.True(type.IsSubclassOf(typeof(TargetType)));
        Assert.Equal("xor", ((TargetType)Activator.CreateInstance(type)!).Name);
    }

    [Fact]
    public async Task A_target_of_a_plug_in_makes_devices()
    {
        using var plugged = new Plugged();
        await using var daemon = await TestDaemon.StartAsync(options => options with { PlugInFolder = plugged.Path });
        string disk = Path.Combine(daemon.Folder, "disk");
        await using (var file = File.Create(disk)) file.SetLength(1 << 20);

        await daemon.Client.CreateAsync(new CreateRequest("x", $"0 2048 xor {disk} 0 42"), Ct);

        Assert.Equal("xor", Assert.Single(await daemon.Client.TableAsync("x", inactive: false, Ct)).Target);
        var targets = await daemon.Client.TargetsAsync(Ct);
        Assert.Equal(plugged.Xor, targets.Targets.Single(target => target.Name == "xor").PlugIn);
        Assert.Null(targets.Targets.Single(target => target.Name == "linear").PlugIn);
    }

    [Fact]
    public async Task A_mirror_has_a_log_of_a_plug_in_and_a_second_one_of_its_name_is_refused()
    {
        using var plugged = new Plugged();
        foreach (string copy in (string[])["a.dll", "b.dll"]) plugged.Add("Ublk.Samples.VolatileLog.dll", copy);
        await using var daemon = await TestDaemon.StartAsync(options => options with { PlugInFolder = plugged.Path });
        string disk = Path.Combine(daemon.Folder, "disk");
        await using (var file = File.Create(disk)) file.SetLength(1 << 20);

        await daemon.Client.CreateAsync(new CreateRequest("m", $"0 1024 mirror volatile 1 256 2 {disk} 0 {disk} 1024"), Ct);

        Assert.Equal($"volatile 1 256 2 {disk} 0 {disk} 1024", Assert.Single(await daemon.Client.TableAsync("m", inactive: false, Ct)).Params);
        Assert.Equal($"2 {disk} {disk} 4/4 1 AA 1 volatile", Assert.Single(await daemon.Client.StatusAsync("m", inactive: false, Ct)).Params);
        Assert.Contains("volatile <arguments> <region sectors>", (await daemon.Client.TargetsAsync(Ct)).Targets.Single(target => target.Name == "mirror").Syntax, StringComparison.Ordinal);
        var refused = Assert.Single((await daemon.Client.TargetsAsync(Ct)).Refused);
        Assert.Equal((plugged["b.dll"], true), (refused.Path, refused.Why.EndsWith("there is a dirty log named volatile already", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_second_target_of_a_name_is_refused_and_the_first_works()
    {
        using var plugged = new Plugged();
        File.Copy(plugged.Xor, plugged["Zweiter.dll"]);
        await using var daemon = await TestDaemon.StartAsync(options => options with { PlugInFolder = plugged.Path });

        var targets = await daemon.Client.TargetsAsync(Ct);

        Assert.Equal(plugged.Xor, targets.Targets.Single(target => target.Name == "xor").PlugIn);
        var refused = Assert.Single(targets.Refused);
        Assert.Equal(plugged["Zweiter.dll"], refused.Path);
        Assert.Contains("there is a target named xor already", refused.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((ushort)1, (ushort)0)] // another major version
    [InlineData((ushort)0, (ushort)2)] // newer than we are
    public void A_plug_in_for_another_version_of_the_contract_is_refused(ushort major, ushort minor)
    {
        using var plugged = new Plugged();
        plugged.BuildFor(major, minor);

        AssertRefused(plugged, plugged.Xor, $"it was built for Ublk.Abstractions {major}.{minor}, this is 0.1; use a build for this version");
    }

    [Theory]
    [InlineData("1.2", "1.0", true)]
    [InlineData("1.2", "1.2", true)]
    [InlineData("1.2", "1.3", false)]
    [InlineData("1.2", "2.0", false)]
    [InlineData("2.0", "1.9", false)]
    public void Older_minor_versions_of_the_contract_are_taken(string ours, string built, bool taken) =>
        Assert.Equal(taken, PlugInFile.RefuseVersion(new Version(built), new Version(ours)) is null);

    [Theory]
    [InlineData("text", "it is not a .NET assembly")]
    [InlineData("native", "it is not a .NET assembly")]
    [InlineData("other", "it is not a plug-in: it does not use Ublk.Abstractions")]
    [InlineData("noTargets", "it has no public class that derives from TargetType or DirtyLogType")]
    public void What_is_not_a_plug_in_is_refused(string kind, string why)
    {
        using var plugged = new Plugged();
        string file = plugged["a.dll"];
        if (kind == "text") File.WriteAllText(file, "hello");
        else if (kind == "native") File.Copy("/proc/self/exe", file);
        else File.Copy(kind == "other" ? typeof(Serilog.Log).Assembly.Location : typeof(Ublk.Engine.DmException).Assembly.Location, file);
        _ = Libc.chmod(file, 0x1A4 /* 0644 */);

        AssertRefused(plugged, file, why);
    }

    [Fact]
    public void A_file_that_others_may_write_is_refused_with_the_remedy()
    {
        using var plugged = new Plugged();
        _ = Libc.chmod(plugged.Xor, 0x1B4 /* 0664 */);

        AssertRefused(plugged, plugged.Xor, $"{plugged.Xor} may be written by others than its owner (mode 0664); chmod go-w {plugged.Xor}");
    }

    [Fact]
    public void A_folder_that_others_may_write_is_refused_as_a_whole()
    {
        using var plugged = new Plugged();
        _ = Libc.chmod(plugged.Path, 0x1FF /* 0777 */);

        var set = PlugInFolder.Load(plugged.Path);

        Assert.Empty(set.Loaded);
        Assert.Equal(plugged.Path, Assert.Single(set.Refused).Path);
    }

    [Fact]
    public void A_parent_folder_that_others_may_write_is_refused_unless_it_is_sticky()
    {
        using var parent = new TempFolder();
        string folder = parent["targets"];
        Directory.CreateDirectory(folder);
        File.Copy(Plugged.Sample, Path.Combine(folder, "x.dll"));
        _ = Libc.chmod(folder, 0x1ED /* 0755 */);
        _ = Libc.chmod(Path.Combine(folder, "x.dll"), 0x1A4 /* 0644 */);

        _ = Libc.chmod(parent.Path, 0x1FF /* 0777 */);
        Assert.StartsWith($"{parent.Path} may be written by others", Assert.Single(PlugInFolder.Find(folder).Refused).Why, StringComparison.Ordinal);

        _ = Libc.chmod(parent.Path, 0x3FF /* 1777 */);
        Assert.Empty(PlugInFolder.Find(folder).Refused);
    }

    [Fact]
    public void A_file_of_another_user_is_refused_with_the_remedy()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a file away");
        using var plugged = new Plugged();
        Assert.Equal(0, Libc.chown(plugged.Xor, 12345, 0));

        AssertRefused(plugged, plugged.Xor, $"{plugged.Xor} belongs to user 12345, not to root; chown root {plugged.Xor}");
    }

    [Fact]
    public void A_link_to_a_file_of_another_user_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a file away");
        using var plugged = new Plugged();
        using var elsewhere = new TempFolder();
        File.Move(plugged.Xor, elsewhere["x.dll"]);
        File.CreateSymbolicLink(plugged.Xor, elsewhere["x.dll"]);
        Assert.Empty(PlugInFolder.Find(plugged.Path).Refused);

        Assert.Equal(0, Libc.chown(elsewhere.Path, 12345, 0));
        AssertRefused(plugged, plugged.Xor, $"{elsewhere.Path} belongs to user 12345, not to root; chown root {elsewhere.Path}");
    }

    [Fact]
    public void A_folder_that_was_asked_for_and_is_not_there_is_reported()
    {
        Assert.Equal("there is no such folder", Assert.Single(PlugInFolder.Load("/nowhere/targets").Refused).Why);
    }

    [Fact]
    public async Task A_refused_plug_in_is_reported_by_targets_and_by_doctor()
    {
        using var plugged = new Plugged();
        File.WriteAllText(plugged["a.dll"], "hello");
        _ = Libc.chmod(plugged["a.dll"], 0x1A4 /* 0644 */);
        await using var daemon = await TestDaemon.StartAsync(options => options with { PlugInFolder = plugged.Path });

        Assert.Equal(plugged["a.dll"], Assert.Single((await daemon.Client.TargetsAsync(Ct)).Refused).Path);
        var findings = (await daemon.Client.DoctorAsync(Ct)).Findings.Where(finding => finding.Check == "plug-ins").ToArray();
        Assert.Equal([FindingState.Warning, FindingState.Ok], findings.Select(finding => finding.State));
        Assert.Contains("a.dll", findings[0].Text, StringComparison.Ordinal);
    }

    static void AssertRefused(Plugged plugged, string file, string why)
    {
        var set = PlugInFolder.Load(plugged.Path);
        Assert.Equal(new RefusedPlugIn(file, why), Assert.Single(set.Refused));
        Assert.DoesNotContain(set.Loaded, plugIn => plugIn.Path == file);
    }
}
