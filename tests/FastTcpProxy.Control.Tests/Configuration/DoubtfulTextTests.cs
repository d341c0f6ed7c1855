using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>A text that is a value, and was probably meant otherwise, is used as it is and gives a warning.</summary>
public sealed class DoubtfulTextTests
{
    [Theory]
    [InlineData("/run/${NAME}.sock", "variables are not substituted in this file), and is used as it is, write the value itself, or fill ")]
    [InlineData("/run/%NAME%/a.sock", "variables are not substituted in this file)")]
    [InlineData("/run/a.sock ", "it ends with a space), and is used as it is, expected it without the space")]
    [InlineData("/run/\u200ba.sock", "it contains the character U+200B (zero width space)), and is used as it is, remove it")]
    public void Parse_DoubtfulPath_IsUsedWithAWarning(string path, string says)
    {
        ConfigurationResult result = Given.Parse(Given.Root($$"""
            "admin": { "socket": "{{path}}" }
            """));

        Assert.Empty(result.Errors);
        Assert.Equal(path, result.Configuration!.Admin!.Socket);
        ConfigurationError warning = Assert.Single(result.Warnings);
        Assert.Equal("C115", warning.Code);
        Assert.Contains(says, warning.Message);
    }

    [Theory]
    [InlineData("\"expect\": { \"body\": \" ${OK} \" }")]
    [InlineData("\"body\": \"a \"")]
    [InlineData("\"headers\": { \"X\": \"${OK}\" }")]
    public void Parse_FreeText_IsNotDoubted(string keys)
    {
        string json = Given.Service($"\"healthCheck\": {{ \"url\": \"http://{{host}}:1/%ABc%20\", {keys} }}");

        Assert.DoesNotContain(Given.Parse(json).Warnings, warning => warning.Code == "C115");
    }
}
