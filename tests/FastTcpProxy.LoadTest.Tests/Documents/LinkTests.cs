using System.Text.RegularExpressions;

namespace FastTcpProxy.LoadTest.Tests.Documents;

public sealed class LinkTests
{
    /// <summary>Those to files and headings of the repository.</summary>
    [Fact]
    public void EveryDocument_ItsLinks_LeadSomewhere()
    {
        List<string> dead = [];
        int links = 0;
        foreach (string document in Documents.All)
        {
            // What is code is no link.
            string text = Regex.Replace(Documents.Read(document), "```.*?```|`[^`\n]*`", "", RegexOptions.Singleline);
            foreach (Match link in Regex.Matches(text, @"\]\(([^)\s]+)\)"))
            {
                string target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal)) continue;
                links++;
                if (!LeadsSomewhere(document, target)) dead.Add($"{document}: {target}");
            }
        }

        Assert.Empty(dead);
        Assert.True(links > 80, $"{links} links were found");
    }

    private static bool LeadsSomewhere(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        if (!Path.Exists(Path.Combine(Documents.Root, path))) return false;
        return parts.Length == 1 || Documents.Anchors(Documents.Read(path)).Contains(parts[1]);
    }
}
