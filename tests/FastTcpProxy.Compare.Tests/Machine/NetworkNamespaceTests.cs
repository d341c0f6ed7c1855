using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Tests.Machine;

public sealed class NetworkNamespaceTests
{
    [Theory]
    [InlineData("program\0--peers\0\0", new[] { "program", "--peers", "" })]
    [InlineData("program\0\0--peers\0x\0", new[] { "program", "", "--peers", "x" })]
    [InlineData("program\0", new[] { "program" })]
    [InlineData("", new string[0])]
    public void SplitCommandLine_WithEmptyArguments_KeepsThem(string text, string[] arguments) =>
        Assert.Equal(arguments, NetworkNamespace.SplitCommandLine(text));
}
