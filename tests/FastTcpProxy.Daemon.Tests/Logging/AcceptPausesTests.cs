using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>The event of listeners that stop accepting names what ran out.</summary>
public sealed class AcceptPausesTests
{
    [Theory]
    [InlineData(3, 0, 0, 0, false, "the process had no descriptor left: raise its hard limit")]
    [InlineData(3, 0, 0, 0, true, "the system had no descriptor left: raise fs.file-max")]
    [InlineData(0, 3, 0, 0, false, "the kernel had no memory for a socket: raise net.ipv4.tcp_mem")]
    [InlineData(0, 0, 3, 0, false, "it has as many sessions as its descriptors allow: raise its hard limit")]
    [InlineData(0, 0, 0, 3, false, "too many accepts in a row failed: event 4001")]
    public void OneCause_IsNamedWithWhatToDo(long descriptors, long memory, long sessions, long errors, bool isSystemFull, string begin) =>
        Assert.StartsWith(begin, new AcceptPauses(descriptors, memory, sessions, errors).Describe(isSystemFull));

    [Fact]
    public void SeveralCauses_EachHasItsNumber()
    {
        AcceptPauses before = new(1, 0, 5, 0), now = new(2, 0, 8, 0);

        AcceptPauses since = now - before;

        Assert.Equal(4, since.Sum);
        Assert.Matches("^1 time the process had .*; 3 times it has as many sessions", since.Describe(isSystemFull: false));
    }

    [Theory]
    [InlineData("1312\t0\t9223372036854775807\n", false)]
    [InlineData("98\t0\t100\n", false)]
    [InlineData("100\t0\t100\n", true)]
    [InlineData("", false)]
    public void SystemDescriptors_NearTheLimit_AreUsedUp(string numbers, bool expected) =>
        Assert.Equal(expected, SystemDescriptors.AreUsedUp(numbers));
}
