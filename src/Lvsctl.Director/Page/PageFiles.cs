using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Page;

/// <summary>What the page is made of; it lies in the program itself.</summary>
sealed class PageFiles
{
    readonly FrozenDictionary<string, PageFile> _files = new Dictionary<string, PageFile>
    {
        ["/"] = Load("page.html", "text/html; charset=utf-8"),
        ["/page/page.css"] = Load("page.css", "text/css; charset=utf-8"),
        ["/page/page.js"] = Load("page.js", "text/javascript; charset=utf-8"),
        ["/page/icon.svg"] = Load("icon.svg", "image/svg+xml"),
    }.ToFrozenDictionary();

    /// <summary>Null where the path is none of the page's.</summary>
    public PageFile? Find(string path) => _files.GetValueOrDefault(path);

    public static async Task SendAsync(HttpResponse response, PageFile file, bool isHead)
    {
        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        if (!isHead) await response.Body.WriteAsync(file.Bytes).ConfigureAwait(false);
    }

    static PageFile Load(string name, string contentType)
    {
        using var from = typeof(PageFiles).Assembly.GetManifestResourceStream($"page/{name}") ?? throw new InvalidOperationException($"{name} was not built in");
        var bytes = new byte[from.Length];
        from.ReadExactly(bytes);
        return new(contentType, bytes);
    }
}

sealed record PageFile(string ContentType, byte[] Bytes);
