using FastTcpProxy.LoadTest.CommandLine;

namespace FastTcpProxy.LoadTest.Tests.CommandLine;

public sealed class ProxyChoiceTests
{
    [Theory]
    [InlineData("ours", "ours")]
    [InlineData("haproxy", "haproxy")]
    [InlineData("nginx", "nginx")]
    [InlineData("/bin/sh", "bin_sh")]
    public void Parse_WhatThereIs_IsWrittenTheSameAgain(string text, string folder)
    {
        ProxyChoice choice = ProxyChoice.Parse(text)!;

        Assert.Equal((text, folder), (choice.Text, choice.FolderName));
    }

    [Theory]
    [InlineData("envoy")]
    [InlineData("/bin")]
    [InlineData("")]
    public void Parse_NothingThere_IsNull(string text) => Assert.Null(ProxyChoice.Parse(text));
}
