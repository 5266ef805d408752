using Ublk.Host.Setup;
using Ublk.Interop;

namespace Ublk.Host.Tests.Setup;

public sealed class OwnCgroupTests
{
    [Theory]
    [InlineData("0::/system.slice/ublk-dmd.service\n", true)]
    [InlineData("0::/user.slice/user-0.slice/session-1.scope\n", false)]
    [InlineData("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n", false)]
    [InlineData("0::/\n", false)]
    [InlineData("12:memory:/system.slice/ssh.service\n0::/x\n", false)]
    public void Only_a_system_service_has_a_cgroup_of_its_own(string cgroup, bool isService) => Assert.Equal(isService, OwnCgroup.IsService(cgroup));

    [Fact]
    public void A_writable_cgroup2_is_looked_for()
    {
        var tmpfs = new Mount(1, default, "/sys/fs/cgroup", "/sys/fs/cgroup", "tmpfs", "tmpfs", "mnt:[1]", IsReadOnly: false);
        Mount cpu = tmpfs with { Path = "/sys/fs/cgroup/cpu", FileSystem = "cgroup" };
        Mount unified = tmpfs with { Path = "/sys/fs/cgroup/unified", FileSystem = "cgroup2" };

        Assert.Equal("/sys/fs/cgroup/unified", OwnCgroup.FindRoot([tmpfs, cpu, unified]));
        Assert.Null(OwnCgroup.FindRoot([unified with { IsReadOnly = true }]));
    }
}
