using System.Text;
using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Tests.Load;

/// <summary>What the backend takes for a right PROXY header, byte by byte.</summary>
public sealed class HeaderCheckTests
{
    private const int Port = 8100;

    [Fact]
    public void V2_RightHeader_IsRight()
    {
        byte[] bytes = [.. Headers.V2(Port), .. "payload"u8];
        Assert.Equal(HeaderVerdict.Right, HeaderCheck.Read(HeaderKind.V2, bytes, Port, out int length));
        Assert.Equal(28, length);
    }

    [Fact]
    public void V2_WithTlvs_IsRight()
    {
        byte[] header = [.. Headers.V2(Port), 0x04, 0x00, 0x01, 0xFF];
        header[15] = 16;
        Assert.Equal(HeaderVerdict.Right, HeaderCheck.Read(HeaderKind.V2, header, Port, out int length));
        Assert.Equal(32, length);
    }

    [Theory]
    [InlineData(HeaderKind.V1)]
    [InlineData(HeaderKind.V2)]
    public void Header_CutAnywhere_IsIncomplete(HeaderKind kind)
    {
        byte[] header = Headers.Of(kind, Port);
        for (int cut = 0; cut < header.Length; cut++)
            Assert.Equal(HeaderVerdict.Incomplete, HeaderCheck.Read(kind, header.AsSpan(0, cut), Port, out _));
    }

    [Theory]
    [InlineData(0, 'x')]    // signature
    [InlineData(11, 'x')]
    [InlineData(12, 0x20)]  // LOCAL
    [InlineData(12, 0x31)]  // version 3
    [InlineData(13, 0x12)]  // UDP
    [InlineData(13, 0x21)]  // IPv6
    [InlineData(15, 11)]    // too short for addresses
    [InlineData(14, 2)]     // longer than is waited for
    [InlineData(19, 2)]     // source
    [InlineData(23, 2)]     // destination
    [InlineData(27, 0xFF)]  // destination port
    public void V2_OneByteWrong_IsWrong(int at, int value)
    {
        byte[] header = Headers.V2(Port);
        header[at] = (byte)value;
        Assert.Equal(HeaderVerdict.Wrong, HeaderCheck.Read(HeaderKind.V2, header, Port, out _));
    }

    [Fact]
    public void V2_SourcePortZero_IsWrong()
    {
        byte[] header = Headers.V2(Port);
        header[24] = header[25] = 0;
        Assert.Equal(HeaderVerdict.Wrong, HeaderCheck.Read(HeaderKind.V2, header, Port, out _));
    }

    [Fact]
    public void V1_RightLine_IsRight()
    {
        byte[] bytes = [.. Headers.V1(Port), .. "payload"u8];
        Assert.Equal(HeaderVerdict.Right, HeaderCheck.Read(HeaderKind.V1, bytes, Port, out int length));
        Assert.Equal(Headers.V1(Port).Length, length);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY TCP4 127.0.0.2 127.0.0.1 40000 8100\r\n")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 40000 8101\r\n")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 0 8100\r\n")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 40000 8100 \r\n")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 40000  8100\r\n")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 65536 8100\r\n")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 40000\r\n")]
    public void V1_WrongLine_IsWrong(string line) =>
        Assert.Equal(HeaderVerdict.Wrong, HeaderCheck.Read(HeaderKind.V1, Encoding.ASCII.GetBytes(line), Port, out _));

    [Fact]
    public void V1_LineWithoutEnd_IsIncompleteTo106BytesAndWrongAt107()
    {
        string line = "PROXY TCP4 127.0.0.1 127.0.0.1 ".PadRight(107, '1');
        Assert.Equal(HeaderVerdict.Incomplete, HeaderCheck.Read(HeaderKind.V1, Encoding.ASCII.GetBytes(line[..106]), Port, out _));
        Assert.Equal(HeaderVerdict.Wrong, HeaderCheck.Read(HeaderKind.V1, Encoding.ASCII.GetBytes(line), Port, out _));
    }

    [Fact]
    public void V2_LengthAtTheLimit_IsAwaitedAndBeyondIsWrong()
    {
        byte[] header = Headers.V2(Port);
        int rest = HeaderCheck.LengthMax - 16;
        (header[14], header[15]) = ((byte)(rest >> 8), (byte)rest);
        Assert.Equal(HeaderVerdict.Incomplete, HeaderCheck.Read(HeaderKind.V2, header, Port, out _));
        (header[14], header[15]) = ((byte)((rest + 1) >> 8), (byte)(rest + 1));
        Assert.Equal(HeaderVerdict.Wrong, HeaderCheck.Read(HeaderKind.V2, header, Port, out _));
    }

    [Fact]
    public void None_AnyBytes_HoldNoHeader()
    {
        Assert.Equal(HeaderVerdict.Right, HeaderCheck.Read(HeaderKind.None, "abc"u8, Port, out int length));
        Assert.Equal(0, length);
    }

    [Theory]
    [InlineData(HeaderKind.V1)]
    [InlineData(HeaderKind.V2)]
    public void Connection_HeaderInPieces_IsPutTogether(HeaderKind kind)
    {
        byte[] header = Headers.Of(kind, Port);
        for (int cut = 1; cut < header.Length; cut++)
        {
            Connection connection = new(0);
            connection.Begin(fd: 0, ConnectionSide.Backend, messageBytes: 1);
            Assert.Equal(HeaderVerdict.Incomplete, connection.TakeHeader(kind, header.AsSpan(0, cut), Port, out _));
            byte[] rest = [.. header.AsSpan(cut), .. "payload"u8];
            Assert.Equal(HeaderVerdict.Right, connection.TakeHeader(kind, rest, Port, out int used));
            Assert.Equal(header.Length - cut, used);
        }
    }
}
