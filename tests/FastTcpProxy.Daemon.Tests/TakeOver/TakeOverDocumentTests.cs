using System.Text;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>The document: what it holds, and what is refused of one.</summary>
public sealed class TakeOverDocumentTests
{
    private const string Good =
        """{"format":1,"version":"1.2.3","pid":7,"listeners":[{"address":"[::]:25","descriptors":2,"keepsFile":false}],"admin":["""
        + """{"address":"unix:/run/a","descriptors":1,"keepsFile":true,"file":{"isSocket":true,"device":1,"inode":"""
        + """18446744073709551615,"birthSeconds":3,"birthNanoseconds":4}}],"steps":3,"health":null}""";

    [Fact]
    public void ToBytes_ReadsBack()
    {
        TakeOverDocument document = TakeOverDocument.Parse(Encoding.UTF8.GetBytes(Good));

        Assert.Equal(Good, Encoding.UTF8.GetString(document.ToBytes()));
        Assert.Equal(3, document.DescriptorsCount);
        Assert.Equal(new TakeOverListener("[::]:25", 2), Assert.Single(document.Listeners));
        Assert.Equal(new FileIdentity(true, 1, ulong.MaxValue, 3, 4), document.Admin[0].File);
    }

    [Fact]
    public void Parse_KeysOfALaterVersion_AreLeftAlone() =>
        Assert.Equal("1.2.3",
            TakeOverDocument.Parse(
                Encoding.UTF8.GetBytes(Good.Replace("\"pid\"", "\"more\":[1],\"pid\"", StringComparison.Ordinal))).Version);

    [Theory]
    [InlineData(false, TakeOverFault.Other)]
    [InlineData(true, TakeOverFault.PeerEnds)]
    public void Parse_Refusal_SaysWhyAndWhetherTheOldProcessEnds(bool ends, object expected)
    {
        byte[] bytes = TakeOverDocument.Refuse("1.2.3", 7, "it rests", ends).ToBytes();

        TakeOverException e = Assert.Throws<TakeOverException>(() => TakeOverDocument.Parse(bytes));

        Assert.Equal("the running process, 7, passes no sockets: it rests", e.Message);
        Assert.Equal((TakeOverFault)expected, e.Fault);
        // A program that knows no refusals reads another format than its own.
        Assert.Contains("\"format\":0", Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("null", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("{}", "cannot be read")]
    [InlineData("HTTP/1.1 400", "cannot be read")]
    [InlineData("""{"format":1,"format":1,"version":"1","pid":7,"listeners":[],"admin":[]}""", "cannot be read")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":[[[[[[[[[]]]]]]]]],"admin":[]}""", "cannot be read")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":null,"admin":[]}""", "cannot be read", "no descriptor")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":[null],"admin":[]}""", "no descriptor")]
    [InlineData("""{"format":2,"version":"9.9.9","pid":7,"listeners":[],"admin":[]}""", "version 9.9.9, sends format 2, expected 1")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":[{"address":"a","descriptors":0}],"admin":[]}""", "no descriptor")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":[{"address":"a","descriptors":-1}],"admin":[]}""", "no descriptor")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":[{"address":"a","descriptors":65536}],"admin":["""
        + """{"address":"b","descriptors":1}]}""", "more than 65536")]
    [InlineData("""{"format":1,"version":"1","pid":7,"listeners":[{"address":"a","descriptors":2147483647},"""
        + """{"address":"b","descriptors":2147483647}],"admin":[]}""", "more than 65536")]
    public void Parse_Rubbish_SaysWhatWasExpected(string text, params string[] expected)
    {
        TakeOverException e = Assert.Throws<TakeOverException>(() => TakeOverDocument.Parse(Encoding.UTF8.GetBytes(text)));

        Assert.Contains(expected, part => e.Message.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void ToBytes_TooLong_SaysTheLimit()
    {
        TakeOverDocument document = new(1, "1", 7,
            [.. Enumerable.Range(0, 12).Select(_ => new TakeOverListener(new string('a', 100_000), 1))], []);

        Assert.Contains("expected at most 1048576", Assert.Throws<TakeOverException>(document.ToBytes).Message);
    }
}
