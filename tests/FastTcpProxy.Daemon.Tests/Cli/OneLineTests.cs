using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>Texts from outside on one line. Pure.</summary>
public sealed class OneLineTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("aé中😀", "aé中😀")]
    [InlineData("a\r\nb\tc", @"a\u000d\u000ab\u0009c")]
    [InlineData("\e[31m", @"\u001b[31m")]
    [InlineData("\u202Eabc", @"\u202eabc")]
    [InlineData("a\u2028b\u2029", @"a\u2028b\u2029")]
    [InlineData("\u0085", @"\u0085")]
    [InlineData("\U000E0001x", @"\udb40\udc01x")]
    public void Escape_WhatSteersATerminal_IsWrittenOut(string text, string escaped) => Assert.Equal(escaped, OneLine.Escape(text));

    /// <summary>Not in the table above: attributes hold UTF-8, which has no halves.</summary>
    [Fact]
    public void Escape_HalvesOfAPair_AreWrittenOut()
    {
        Assert.Equal(@"a\ud83d", OneLine.Escape("a" + (char)0xD83D));
        Assert.Equal(@"\ude00\ud83d b", OneLine.Escape(string.Concat((char)0xDE00, (char)0xD83D, " b")));
    }
}
