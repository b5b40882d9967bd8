<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
  <context>
    <name>AboutDialog</name>
    <message>
      <source>A finding says what the evidence supports and how often such findings are wrong. It is never proof of anything.</source>
      <translation>结论说明证据支持什么，以及这类结论出错的频率。它从来不是任何事情的证明。</translation>
    </message>
    <message>
      <source>About Telltale</source>
      <translation>关于 Telltale</translation>
    </message>
    <message>
      <source>Apache License 2.0. Uses Qt {version} through PySide6 under the LGPL.</source>
      <translation>Apache 许可证 2.0。通过 PySide6 使用 Qt {version}（LGPL）。</translation>
    </message>
    <message>
      <source>Nothing leaves this computer: pictures are read and examined by processes that have no network.</source>
      <translation>任何内容都不会离开这台计算机：读取和检验图片的进程没有网络。</translation>
    </message>
    <message>
      <source>Offline, explainable examination of pictures for traces of AI generation.</source>
      <translation>离线、可解释地检验图片中的 AI 生成痕迹。</translation>
    </message>
  </context>
  <context>
    <name>Canvas</name>
    <message>
      <source>not analysed</source>
      <translation>未分析</translation>
    </message>
  </context>
  <context>
    <name>CanvasPanel</name>
    <message>
      <source>Analysed frame</source>
      <translation>分析范围</translation>
    </message>
    <message>
      <source>Dim what the expert did not see</source>
      <translation>将专家未看到的部分变暗</translation>
    </message>
    <message>
      <source>Drop pictures here</source>
      <translation>将图片拖放到这里</translation>
    </message>
    <message>
      <source>Expert: {name}</source>
      <translation>专家：{name}</translation>
    </message>
    <message>
      <source>Files, folders, or a picture copied from another program. Nothing leaves this computer.</source>
      <translation>文件、文件夹，或从其他程序复制的图片。任何内容都不会离开这台计算机。</translation>
    </message>
    <message>
      <source>Get more experts, FakeVLM among them…</source>
      <translation>获取更多专家，例如 FakeVLM…</translation>
    </message>
    <message>
      <source>Open files…</source>
      <translation>打开文件…</translation>
    </message>
    <message>
      <source>Open folder…</source>
      <translation>打开文件夹…</translation>
    </message>
    <message>
      <source>Outline the places that a sentence points at</source>
      <translation>勾勒一句话所指的位置</translation>
    </message>
    <message>
      <source>Paste</source>
      <translation>粘贴</translation>
    </message>
    <message>
      <source>Picture</source>
      <translation>图片</translation>
    </message>
    <message>
      <source>Reading {name}…</source>
      <translation>正在读取 {name}…</translation>
    </message>
    <message>
      <source>Regions</source>
      <translation>区域</translation>
    </message>
    <message>
      <source>Strength of the overlay</source>
      <translation>叠加强度</translation>
    </message>
    <message>
      <source>There is no picture to show.
{reason}</source>
      <translation>没有可显示的图片。
{reason}</translation>
    </message>
    <message>
      <source>{name}, {width} × {height} pixels, {state}</source>
      <translation>{name}，{width} × {height} 像素，{state}</translation>
    </message>
  </context>
  <context>
    <name>CardDialog</name>
    <message>
      <source>An expert without a card</source>
      <translation>没有卡片的专家</translation>
    </message>
    <message>
      <source>Crop the middle square</source>
      <translation>裁剪中央正方形</translation>
    </message>
    <message>
      <source>Detector: gives findings</source>
      <translation>检测器：给出结论</translation>
    </message>
    <message>
      <source>Fails: the vision part does not state which layer is used; files of older converters run one layer too few.</source>
      <translation>不通过：视觉部分没有说明使用哪一层；旧转换程序生成的文件会少运行一层。</translation>
    </message>
    <message>
      <source>General: answers questions only</source>
      <translation>通用：只回答问题</translation>
    </message>
    <message>
      <source>Hashes: both files are hashed before every load.</source>
      <translation>哈希：每次加载前都对两个文件计算哈希。</translation>
    </message>
    <message>
      <source>Headers: both are read in Python before native code sees the files.</source>
      <translation>文件头：在本机代码接触文件之前，两个文件头都先由 Python 读取。</translation>
    </message>
    <message>
      <source>How every answer begins, up to that word</source>
      <translation>每个回答在该词之前的开头</translation>
    </message>
    <message>
      <source>How the picture is prepared</source>
      <translation>图片的预处理方式</translation>
    </message>
    <message>
      <source>Its word for AI-made</source>
      <translation>表示 AI 生成的词</translation>
    </message>
    <message>
      <source>Its word for camera pictures</source>
      <translation>表示相机拍摄的词</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>Language model {language} ({architecture}), vision part {projector} ({kind}, {size} pixels)</source>
      <translation>语言模型 {language}（{architecture}），视觉部分 {projector}（{kind}，{size} 像素）</translation>
    </message>
    <message>
      <source>Layer: the vision part states which layer of the tower is used.</source>
      <translation>层：视觉部分说明了使用视觉塔的哪一层。</translation>
    </message>
    <message>
      <source>Licence of the weights</source>
      <translation>权重的许可</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>No card is in this folder. State what its maker says; a wrong word makes every answer worthless.</source>
      <translation>此文件夹中没有卡片。请按制作者的说明填写；填错一个词，所有回答都会失去价值。</translation>
    </message>
    <message>
      <source>Not proven: how often it is wrong, until “telltale calibrate” has measured it on pictures whose truth is known.</source>
      <translation>未经证明：它出错的频率，须先用“telltale calibrate”在已知真相的图片上测定。</translation>
    </message>
    <message>
      <source>Not proven: llama.cpp's own picture processing is trusted.</source>
      <translation>未经证明：采信 llama.cpp 自身的图片处理。</translation>
    </message>
    <message>
      <source>Not proven: that the pair gives its checkpoint's answers, for it came without reference numbers.</source>
      <translation>未经证明：这一对文件是否给出其检查点的回答，因为它没有附带参考数值。</translation>
    </message>
    <message>
      <source>Order: llama.cpp's order of class and patch tokens is corrected.</source>
      <translation>顺序：已纠正 llama.cpp 中类别标记与图块标记的顺序。</translation>
    </message>
    <message>
      <source>Pad to a square</source>
      <translation>填充为正方形</translation>
    </message>
    <message>
      <source>Question: llama.cpp must tokenise it as the card says.</source>
      <translation>问题：llama.cpp 对它的分词必须与卡片一致。</translation>
    </message>
    <message>
      <source>Repeatability: the same picture must give the same score, bit for bit.</source>
      <translation>可重复性：同一图片必须逐位给出相同的分数。</translation>
    </message>
    <message>
      <source>Residual of twice as much of the middle, as means</source>
      <translation>残差：中央两倍边长的范围，取平均值</translation>
    </message>
    <message>
      <source>Residual: the high-pass of the middle square</source>
      <translation>残差：中央正方形的高通部分</translation>
    </message>
    <message>
      <source>Short name</source>
      <translation>短名称</translation>
    </message>
    <message>
      <source>Still to be stated: {what}</source>
      <translation>尚需填写：{what}</translation>
    </message>
    <message>
      <source>Text after the picture, with {question} in its place</source>
      <translation>图片之后的文字，{question} 为问题所在处</translation>
    </message>
    <message>
      <source>Text before the picture (of its template)</source>
      <translation>图片之前的文字（来自其模板）</translation>
    </message>
    <message>
      <source>The question that it was trained on</source>
      <translation>训练时使用的问题</translation>
    </message>
    <message>
      <source>The short name takes small letters, digits, dot, hyphen and underscore only.</source>
      <translation>短名称只能使用小写字母、数字、点、连字符和下划线。</translation>
    </message>
    <message>
      <source>The text after the picture has to contain {question} exactly once.</source>
      <translation>图片之后的文字必须恰好包含一次 {question}。</translation>
    </message>
    <message>
      <source>What can be proven of this pair</source>
      <translation>关于这一对文件能够证明什么</translation>
    </message>
  </context>
  <context>
    <name>CaseCommands</name>
    <message>
      <source>A case is a folder of its own: copies of the pictures, findings, notes and the log of custody.</source>
      <translation>案件是一个独立的文件夹：图片副本、结论、备注和保管链日志都在其中。</translation>
    </message>
    <message>
      <source>A new case without a name is open instead; Case › Open case… tries the other one again.</source>
      <translation>现已改为打开一个未命名的新案件；用“案件 › 打开案件…”可再试另一个。</translation>
    </message>
    <message>
      <source>Ask again next time</source>
      <translation>下次再问</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Everything is stored again; nothing was lost.</source>
      <translation>一切都已重新存好，没有丢失任何内容。</translation>
    </message>
    <message>
      <source>Everything is stored as it happens, in {where}</source>
      <translation>一切随时自动存入 {where}</translation>
    </message>
    <message>
      <source>Everything of this case moves into the folder that you name; nothing is analysed again.</source>
      <translation>本案件的全部内容会移到您指定的文件夹，无需重新分析。</translation>
    </message>
    <message>
      <source>Folder: {folder}</source>
      <translation>文件夹：{folder}</translation>
    </message>
    <message>
      <source>It could not be kept on this computer either: do not quit before it is stored.</source>
      <translation>也无法暂存在此计算机上：存好之前请勿退出。</translation>
    </message>
    <message>
      <source>Keep</source>
      <translation>保留</translation>
    </message>
    <message>
      <source>Keep this case</source>
      <translation>保留此案件</translation>
    </message>
    <message>
      <source>Leave and lose them</source>
      <translation>离开并丢弃</translation>
    </message>
    <message>
      <source>Leave out waiting files</source>
      <translation>跳过等待中的文件</translation>
    </message>
    <message>
      <source>Leave this case?</source>
      <translation>离开此案件？</translation>
    </message>
    <message>
      <source>Leave; go on next time</source>
      <translation>离开，下次继续</translation>
    </message>
    <message>
      <source>Make case</source>
      <translation>建立案件</translation>
    </message>
    <message>
      <source>New case</source>
      <translation>新建案件</translation>
    </message>
    <message>
      <source>Open read-only</source>
      <translation>以只读方式打开</translation>
    </message>
    <message>
      <source>Read-only shows everything and changes nothing.</source>
      <translation>只读方式可查看全部内容，不作任何更改。</translation>
    </message>
    <message>
      <source>Something that was said of this case waits</source>
      <translation>有关此案件的内容正在等待</translation>
    </message>
    <message>
      <source>Stay</source>
      <translation>留下</translation>
    </message>
    <message>
      <source>Store now</source>
      <translation>立即存储</translation>
    </message>
    <message>
      <source>Store what was left over?</source>
      <translation>存储上次遗留的内容？</translation>
    </message>
    <message>
      <source>The case that was open before still is.</source>
      <translation>先前打开的案件仍然打开着。</translation>
    </message>
    <message>
      <source>The case that was open last is not open</source>
      <translation>上次打开的案件未能打开</translation>
    </message>
    <message>
      <source>The case was not opened</source>
      <translation>案件未能打开</translation>
    </message>
    <message>
      <source>The case without a name is kept; Case › Open case… lists it.</source>
      <translation>未命名的案件已保留，可在“案件 › 打开案件…”中找到。</translation>
    </message>
    <message>
      <source>Throw away</source>
      <translation>丢弃</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>重试</translation>
    </message>
    <message>
      <source>What was said there and is not stored in it yet waits on this computer: {count}. Nothing of it is lost.</source>
      <translation>其中尚未存入案件的内容有 {count} 项，正在此计算机上等待，没有任何丢失。</translation>
    </message>
    <message>
      <source>When this case was left, it could not be written. Waiting since then: {count}</source>
      <translation>离开此案件时无法写入。此后一直在等待的内容：{count} 项</translation>
    </message>
    <message>
      <source>{folder}: {why}</source>
      <translation>{folder}：{why}</translation>
    </message>
    <message>
      <source>… and {count} more</source>
      <translation>……另有 {count} 项</translation>
    </message>
  </context>
  <context>
    <name>CaseDialog</name>
    <message>
      <source>Case number</source>
      <translation>案件编号</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>First proposition</source>
      <translation>第一种假设</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>文件夹</translation>
    </message>
    <message>
      <source>Folder for the case</source>
      <translation>案件所在文件夹</translation>
    </message>
    <message>
      <source>Give the whole path of the folder, from the root on.</source>
      <translation>请给出文件夹的完整路径。</translation>
    </message>
    <message>
      <source>Second proposition</source>
      <translation>第二种假设</translation>
    </message>
    <message>
      <source>The picture was made by a generator</source>
      <translation>该图片由生成程序制作</translation>
    </message>
    <message>
      <source>The picture was taken with a camera</source>
      <translation>该图片由相机拍摄</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>标题</translation>
    </message>
    <message>
      <source>What was asked</source>
      <translation>委托事项</translation>
    </message>
  </context>
  <context>
    <name>Catalogue</name>
    <message>
      <source>A baseline for comparison: what a general model says when it is asked. Describing pictures.</source>
      <translation>作为比较的基准：通用模型被问到时会怎么说。描述图片。</translation>
    </message>
    <message>
      <source>About half a minute a verdict on two processor cores; explanations take a minute or more there. A graphics card of 8 GB makes it seconds.</source>
      <translation>在两个处理器核心上，一次判定约需半分钟，说明需要一分钟或更久。有 8 GB 显卡时只需数秒。</translation>
    </message>
    <message>
      <source>An answer takes a minute or more on two processor cores. A graphics card of 8 GB makes it seconds.</source>
      <translation>在两个处理器核心上，一次回答需要一分钟或更久。有 8 GB 显卡时只需数秒。</translation>
    </message>
    <message>
      <source>Decisions about people, and edited regions: painted-in and pasted parts are hardly found. Pictures that were resized, blurred or strongly compressed lose the traces that it reads.</source>
      <translation>对人作出决定，以及查找局部编辑：重绘和拼贴的部分几乎发现不了。经缩放、模糊或强烈压缩的图片会失去它所依据的痕迹。</translation>
    </message>
    <message>
      <source>Inpainted or spliced parts of real pictures; other generators and editing tools than those it was trained on; pictures that were heavily compressed, blurred, made smaller or photographed from a screen: blur makes real pictures look fake to it.</source>
      <translation>真实图片中局部重绘或拼接的部分；训练时未见过的生成程序和编辑工具；经强烈压缩、模糊、缩小或翻拍屏幕的图片：模糊会使它把真实图片看成伪造。</translation>
    </message>
    <message>
      <source>Judging whether a picture is real. It gives no findings.</source>
      <translation>判断图片是否真实。它不给出结论。</translation>
    </message>
    <message>
      <source>Judging whether a picture is real; it was never trained to.</source>
      <translation>判断图片是否真实；它从未为此训练。</translation>
    </message>
    <message>
      <source>Seeing the whole way work offline. It reads statistics of the fine noise of wholly generated pictures like those it was trained on.</source>
      <translation>在离线状态下走完整个流程。它读取完全由 AI 生成的图片（与其训练图片同类）中细微噪声的统计特征。</translation>
    </message>
    <message>
      <source>Talking about how a picture works: composition, light, colour, mood, and how good it is, in the four families of AesBench.</source>
      <translation>谈论图片的效果：构图、光线、色彩、情绪以及优劣，对应 AesBench 的四类问题。</translation>
    </message>
    <message>
      <source>Wholly synthetic pictures of animals, humans, objects, scenes, documents and satellite views, and swapped or edited faces, of the generators in its training set FakeClue.</source>
      <translation>完全合成的动物、人物、物体、场景、文档和卫星图片，以及被替换或编辑的人脸，限于其训练集 FakeClue 中的生成程序。</translation>
    </message>
    <message>
      <source>public pictures of sources and generators that were never trained on; each in one of four deliveries by chance: as it is; shorter side at most 1080 and JPEG 75; resized and saved as JPEG 60-97 by chance; a crop of 288 pixels of such</source>
      <translation>公开图片，其来源和生成程序从未用于训练；每张图片随机取四种形式之一：原样；短边不超过 1080 并以 75 的质量存为 JPEG；随机缩放并以 60–97 的质量存为 JPEG；从后者中裁出的 288 像素画面</translation>
    </message>
  </context>
  <context>
    <name>ClaimRow</name>
    <message>
      <source>Stated reason</source>
      <translation>陈述的理由</translation>
    </message>
    <message>
      <source>Stated reason {number}: {text}</source>
      <translation>陈述的理由 {number}：{text}</translation>
    </message>
    <message>
      <source>Your judgement</source>
      <translation>您的评判</translation>
    </message>
    <message>
      <source>Your judgement of reason {number}</source>
      <translation>您对理由 {number} 的判断</translation>
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>&amp;100 %</source>
      <translation>100 %(&amp;1)</translation>
    </message>
    <message>
      <source>&amp;About Telltale</source>
      <translation>关于 Telltale(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Analyse again</source>
      <translation>重新分析(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Cancel</source>
      <translation>取消(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Case</source>
      <translation>案件(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Close case</source>
      <translation>关闭案件(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Copy explanation</source>
      <translation>复制说明(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Exhibit</source>
      <translation>检材(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Export report…</source>
      <translation>导出报告(&amp;E)…</translation>
    </message>
    <message>
      <source>&amp;File</source>
      <translation>文件(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Fit</source>
      <translation>适合窗口(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>帮助(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Keep under a name…</source>
      <translation>命名并保留(&amp;K)…</translation>
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
      <source>&amp;Lay view over picture</source>
      <translation>将视图叠加在图片上(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Magnifier</source>
      <translation>放大镜(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;New case…</source>
      <translation>新建案件(&amp;N)…</translation>
    </message>
    <message>
      <source>&amp;Next exhibit</source>
      <translation>下一个检材(&amp;N)</translation>
    </message>
    <message>
      <source>&amp;Open case…</source>
      <translation>打开案件(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Open files…</source>
      <translation>打开文件(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Paste picture</source>
      <translation>粘贴图片(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Pause queue</source>
      <translation>暂停队列(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>退出(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Search exhibits</source>
      <translation>搜索检材(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Set aside or bring back</source>
      <translation>搁置或取回(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Settings…</source>
      <translation>设置(&amp;S)…</translation>
    </message>
    <message>
      <source>&amp;Tag…</source>
      <translation>标签(&amp;T)…</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>查看(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Watch a folder…</source>
      <translation>监视文件夹(&amp;W)…</translation>
    </message>
    <message>
      <source>Also e&amp;xamine outside the frame</source>
      <translation>同时检查画框之外(&amp;X)</translation>
    </message>
    <message>
      <source>Analysed f&amp;rame</source>
      <translation>分析范围(&amp;R)</translation>
    </message>
    <message>
      <source>As&amp;k a question</source>
      <translation>提问(&amp;K)</translation>
    </message>
    <message>
      <source>Chec&amp;k case</source>
      <translation>核查案件(&amp;H)</translation>
    </message>
    <message>
      <source>Co&amp;mpare…</source>
      <translation>比较(&amp;M)…</translation>
    </message>
    <message>
      <source>E&amp;xperts…</source>
      <translation>专家(&amp;X)…</translation>
    </message>
    <message>
      <source>Get &amp;more experts…</source>
      <translation>获取更多专家(&amp;M)…</translation>
    </message>
    <message>
      <source>Ne&amp;xt stated reason</source>
      <translation>下一条陈述的理由(&amp;X)</translation>
    </message>
    <message>
      <source>Next &amp;panel</source>
      <translation>下一个面板(&amp;P)</translation>
    </message>
    <message>
      <source>Open &amp;folder…</source>
      <translation>打开文件夹(&amp;F)…</translation>
    </message>
    <message>
      <source>Pre&amp;vious exhibit</source>
      <translation>上一个检材(&amp;V)</translation>
    </message>
    <message>
      <source>Previous s&amp;tated reason</source>
      <translation>上一条陈述的理由(&amp;T)</translation>
    </message>
    <message>
      <source>Re&amp;gions</source>
      <translation>区域(&amp;G)</translation>
    </message>
    <message>
      <source>Show &amp;log</source>
      <translation>显示日志(&amp;L)</translation>
    </message>
    <message>
      <source>Write a n&amp;ote</source>
      <translation>写备注(&amp;W)</translation>
    </message>
    <message>
      <source>Zoom &amp;in</source>
      <translation>放大(&amp;I)</translation>
    </message>
    <message>
      <source>Zoom &amp;out</source>
      <translation>缩小(&amp;O)</translation>
    </message>
  </context>
  <context>
    <name>CompareDialog</name>
    <message>
      <source>Compare two exhibits</source>
      <translation>比较两个检材</translation>
    </message>
    <message>
      <source>First exhibit</source>
      <translation>第一个检材</translation>
    </message>
    <message>
      <source>First picture</source>
      <translation>第一张图片</translation>
    </message>
    <message>
      <source>One above the other, with a divider</source>
      <translation>上下叠放，用分隔线分开</translation>
    </message>
    <message>
      <source>Place of the divider</source>
      <translation>分隔线的位置</translation>
    </message>
    <message>
      <source>Second exhibit</source>
      <translation>第二个检材</translation>
    </message>
    <message>
      <source>Second picture</source>
      <translation>第二张图片</translation>
    </message>
    <message>
      <source>Wheel zooms, dragging moves both</source>
      <translation>滚轮缩放，拖动同时移动两张</translation>
    </message>
  </context>
  <context>
    <name>CustodyPanel</name>
    <message>
      <source>Check case</source>
      <translation>核查案件</translation>
    </message>
    <message>
      <source>Checking the case: every document and every exhibit…</source>
      <translation>正在核查案件：每份文档和每件检材…</translation>
    </message>
    <message>
      <source>Custody</source>
      <translation>保管链</translation>
    </message>
    <message>
      <source>Custody log</source>
      <translation>保管链日志</translation>
    </message>
    <message>
      <source>Each entry holds the hash of the one before it; nothing is ever taken out.</source>
      <translation>每条记录都包含上一条的哈希值；任何记录都不会被删除。</translation>
    </message>
    <message>
      <source>Newest hash: {hash}</source>
      <translation>最新哈希值：{hash}</translation>
    </message>
    <message>
      <source>No.</source>
      <translation>序号</translation>
    </message>
    <message>
      <source>The chosen entry</source>
      <translation>所选记录</translation>
    </message>
    <message>
      <source>The whole case</source>
      <translation>整个案件</translation>
    </message>
    <message>
      <source>This exhibit</source>
      <translation>此检材</translation>
    </message>
    <message>
      <source>What · exhibit</source>
      <translation>事项 · 检材</translation>
    </message>
    <message>
      <source>When</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Which entries</source>
      <translation>显示哪些记录</translation>
    </message>
    <message>
      <source>✓ The case holds: {entries} entries, {analyses} analyses and {exhibits} exhibits are as they were recorded.</source>
      <translation>✓ 案件完好：{entries} 条记录、{analyses} 份分析和 {exhibits} 件检材均与记录一致。</translation>
    </message>
    <message>
      <source>✕ The case could not be checked. {why}</source>
      <translation>✕ 案件无法核查。{why}</translation>
    </message>
    <message>
      <source>✕ The case does not hold. {problem}</source>
      <translation>✕ 案件有问题。{problem}</translation>
    </message>
  </context>
  <context>
    <name>Dropping</name>
    <message>
      <source>That is a web address. Telltale never goes online: save the picture as a file and drop the file.</source>
      <translation>这是一个网址。Telltale 从不联网：请将图片保存为文件，再拖放该文件。</translation>
    </message>
    <message>
      <source>There is no picture in that. Drop picture files, folders or a copied picture.</source>
      <translation>其中没有图片。请拖放图片文件、文件夹或复制的图片。</translation>
    </message>
  </context>
  <context>
    <name>ExhibitsPanel</name>
    <message>
      <source>All</source>
      <translation>全部</translation>
    </message>
    <message>
      <source>All tags</source>
      <translation>全部标签</translation>
    </message>
    <message>
      <source>As added</source>
      <translation>按添加顺序</translation>
    </message>
    <message>
      <source>By name</source>
      <translation>按名称</translation>
    </message>
    <message>
      <source>By outcome</source>
      <translation>按结论</translation>
    </message>
    <message>
      <source>By score</source>
      <translation>按分数</translation>
    </message>
    <message>
      <source>Cancel all</source>
      <translation>全部取消</translation>
    </message>
    <message>
      <source>Cancelled</source>
      <translation>已取消</translation>
    </message>
    <message>
      <source>Exhibits</source>
      <translation>检材</translation>
    </message>
    <message>
      <source>Inconclusive</source>
      <translation>无法得出结论</translation>
    </message>
    <message>
      <source>Not analysed</source>
      <translation>未分析</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>暂停</translation>
    </message>
    <message>
      <source>Pause the queue</source>
      <translation>暂停队列</translation>
    </message>
    <message>
      <source>Pictures under examination, with their state and outcome</source>
      <translation>正在检验的图片及其状态和结论</translation>
    </message>
    <message>
      <source>Progress of the queue</source>
      <translation>队列进度</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Search exhibits</source>
      <translation>搜索检材</translation>
    </message>
    <message>
      <source>Set aside</source>
      <translation>已搁置</translation>
    </message>
    <message>
      <source>Show only</source>
      <translation>仅显示</translation>
    </message>
    <message>
      <source>Show only this tag</source>
      <translation>只显示此标签</translation>
    </message>
    <message>
      <source>Sort by</source>
      <translation>排序方式</translation>
    </message>
    <message>
      <source>Supports AI</source>
      <translation>支持 AI</translation>
    </message>
    <message>
      <source>Supports camera</source>
      <translation>支持相机</translation>
    </message>
    <message>
      <source>Unlike calibrated</source>
      <translation>不同于校准集</translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>等待中</translation>
    </message>
    <message>
      <source>paused</source>
      <translation>已暂停</translation>
    </message>
    <message>
      <source>{done} of {total} done</source>
      <translation>已完成 {done} / {total}</translation>
    </message>
  </context>
  <context>
    <name>ExpertsDialog</name>
    <message>
      <source>About the expert</source>
      <translation>关于专家</translation>
    </message>
    <message>
      <source>An expert is a folder with a card and two model files, or an archive of it. To bring one to a computer without network, get it elsewhere with “telltale models pull” and “telltale models export”, carry the archive on a stick and import it here.</source>
      <translation>专家是一个含有卡片和两个模型文件的文件夹，或其归档文件。要带到没有网络的计算机上，请在别处用“telltale models pull”和“telltale models export”取得，用 U 盘带来归档文件并在此导入。</translation>
    </message>
    <message>
      <source>Archives of experts</source>
      <translation>专家归档文件</translation>
    </message>
    <message>
      <source>Experts</source>
      <translation>专家</translation>
    </message>
    <message>
      <source>Experts on this computer</source>
      <translation>这台计算机上的专家</translation>
    </message>
    <message>
      <source>Get more experts…</source>
      <translation>获取更多专家…</translation>
    </message>
    <message>
      <source>Import an archive…</source>
      <translation>导入归档文件…</translation>
    </message>
    <message>
      <source>Import from a folder…</source>
      <translation>从文件夹导入…</translation>
    </message>
    <message>
      <source>Nothing was taken in.</source>
      <translation>没有导入任何内容。</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>The archive is not signed.</source>
      <translation>归档文件没有签名。</translation>
    </message>
    <message>
      <source>The archive is signed by {key}, which you trust.</source>
      <translation>归档文件由您信任的 {key} 签名。</translation>
    </message>
    <message>
      <source>The archive is signed by {key}; compare this with the key that its maker gave you.</source>
      <translation>归档文件由 {key} 签名；请与制作者给您的密钥核对。</translation>
    </message>
    <message>
      <source>The archive with the expert</source>
      <translation>含有专家的归档文件</translation>
    </message>
    <message>
      <source>The folder with the expert</source>
      <translation>专家所在的文件夹</translation>
    </message>
    <message>
      <source>There is no expert on this computer yet.</source>
      <translation>这台计算机上还没有专家。</translation>
    </message>
    <message>
      <source>Use this expert</source>
      <translation>使用此专家</translation>
    </message>
    <message>
      <source>Verify files</source>
      <translation>校验文件</translation>
    </message>
    <message>
      <source>{name} is asked from now on.</source>
      <translation>从现在起询问 {name}。</translation>
    </message>
    <message>
      <source>✓ Every file is the one that its card describes.</source>
      <translation>✓ 每个文件都与其卡片的描述一致。</translation>
    </message>
    <message>
      <source>✓ It is on this computer now.</source>
      <translation>✓ 已在这台计算机上。</translation>
    </message>
    <message>
      <source>✕ Damaged: {problems}. Import it again.</source>
      <translation>✕ 已损坏：{problems}。请重新导入。</translation>
    </message>
  </context>
  <context>
    <name>ExplanationBox</name>
    <message>
      <source>Between the stated reasons</source>
      <translation>陈述的理由之间</translation>
    </message>
    <message>
      <source>No regions: {why}</source>
      <translation>没有区域：{why}</translation>
    </message>
    <message>
      <source>Point at a sentence to see what the model encodes most unlike the rest; the same for every sentence.</source>
      <translation>指向一句话可查看模型编码与其余部分差异最大的位置；各句相同。</translation>
    </message>
    <message>
      <source>Point at a sentence to see where the model looked while writing it.</source>
      <translation>指向一句话可查看模型书写该句时看的位置。</translation>
    </message>
    <message>
      <source>The model's stated reasons</source>
      <translation>模型陈述的理由</translation>
    </message>
    <message>
      <source>Written by the model, not checked by anyone.</source>
      <translation>由模型书写，未经任何人核实。</translation>
    </message>
  </context>
  <context>
    <name>Failure</name>
    <message>
      <source>A file arrived damaged and was thrown away; try again.</source>
      <translation>有一个文件下载后已损坏并被丢弃；请重试。</translation>
    </message>
    <message>
      <source>A file of the expert is missing or has another size than its card says.</source>
      <translation>专家缺少一个文件，或其大小与卡片不符。</translation>
    </message>
    <message>
      <source>A file of the expert is not the one that its card describes; import the expert again.</source>
      <translation>专家的一个文件不是其卡片所描述的那个；请重新导入此专家。</translation>
    </message>
    <message>
      <source>A model file cannot be read.</source>
      <translation>有一个模型文件无法读取。</translation>
    </message>
    <message>
      <source>A model file is damaged, or no GGUF file that Telltale can read.</source>
      <translation>有一个模型文件已损坏，或不是 Telltale 能读取的 GGUF 文件。</translation>
    </message>
    <message>
      <source>A part of the file unpacks to far more data than a picture needs, as an attack would do.</source>
      <translation>文件的一部分解压后远超图片所需的数据量，如同攻击手法。</translation>
    </message>
    <message>
      <source>A recorded analysis was changed inside the case file.</source>
      <translation>案件文件中的一份已记录分析被改动。</translation>
    </message>
    <message>
      <source>An exhibit is gone from the case folder.</source>
      <translation>有一件检材已不在案件文件夹中。</translation>
    </message>
    <message>
      <source>An exhibit was changed inside the case folder.</source>
      <translation>案件文件夹中有一件检材被改动。</translation>
    </message>
    <message>
      <source>Another Telltale is writing to the store; try again when it has finished.</source>
      <translation>另一个 Telltale 正在写入专家库；请等它完成后再试。</translation>
    </message>
    <message>
      <source>Colours were converted from CIE Lab to sRGB; the reference's loader cannot.</source>
      <translation>颜色已从 CIE Lab 转换为 sRGB；参考加载程序做不到这一点。</translation>
    </message>
    <message>
      <source>Colours were converted from the embedded profile to sRGB; the reference's loader ignores profiles.</source>
      <translation>颜色已从内嵌配置文件转换为 sRGB；参考加载程序忽略配置文件。</translation>
    </message>
    <message>
      <source>Files of this format are not examined. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>不检验这种格式的文件。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>HF_HUB_OFFLINE forbids going online.</source>
      <translation>HF_HUB_OFFLINE 禁止联网。</translation>
    </message>
    <message>
      <source>Ink values were read as stored, because the file has no Adobe marker; the reference's loader takes them as inverted.</source>
      <translation>文件没有 Adobe 标记，因此油墨值按存储原样读取；参考加载程序把它们当作反相。</translation>
    </message>
    <message>
      <source>No case is open.</source>
      <translation>没有打开的案件。</translation>
    </message>
    <message>
      <source>No expert has this name.</source>
      <translation>没有叫这个名称的专家。</translation>
    </message>
    <message>
      <source>No expert is there or chosen. File › Experts shows them and imports one.</source>
      <translation>没有专家或尚未选定。可在“文件 › 专家”中查看和导入。</translation>
    </message>
    <message>
      <source>Of 16-bit grey values the high byte was taken; the reference's loader makes all but the darkest white.</source>
      <translation>16 位灰度值取其高字节；参考加载程序会把除最暗处以外的一切变成白色。</translation>
    </message>
    <message>
      <source>Reading the picture needs more memory than is allowed for one picture or than this machine has free.</source>
      <translation>读取此图片所需的内存超过单张图片的限额，或超过本机的可用内存。</translation>
    </message>
    <message>
      <source>Reading the picture took longer than is allowed for one picture and was stopped.</source>
      <translation>读取此图片的时间超过单张图片的限额，已被停止。</translation>
    </message>
    <message>
      <source>Reports are signed with an RSA or elliptic-curve key and its certificate.</source>
      <translation>报告须用 RSA 或椭圆曲线密钥及其证书签名。</translation>
    </message>
    <message>
      <source>Something went wrong that should not; the log says what.</source>
      <translation>发生了不应发生的错误；详情见日志。</translation>
    </message>
    <message>
      <source>Telltale cannot tokenise for it; import it with a card that states the ids.</source>
      <translation>Telltale 无法为它分词；请连同写明标记编号的卡片一起导入。</translation>
    </message>
    <message>
      <source>The EXIF orientation was applied; the reference's loader leaves the pixels as they are stored.</source>
      <translation>已应用 EXIF 方向；参考加载程序保留存储时的像素方向。</translation>
    </message>
    <message>
      <source>The archive cannot be read.</source>
      <translation>无法读取此归档文件。</translation>
    </message>
    <message>
      <source>The archive's signature does not fit; it was changed after it was signed.</source>
      <translation>归档文件的签名不符；它在签名后被改动过。</translation>
    </message>
    <message>
      <source>The case can only be looked at; nothing can be added.</source>
      <translation>此案件只能查看，不能添加任何内容。</translation>
    </message>
    <message>
      <source>The case was closed before this was done.</source>
      <translation>在此完成之前，案件已关闭。</translation>
    </message>
    <message>
      <source>The certificate does not belong to the key.</source>
      <translation>证书与密钥不匹配。</translation>
    </message>
    <message>
      <source>The connection to the hub failed; try again later, what was fetched is kept.</source>
      <translation>与服务器的连接失败；请稍后再试，已下载的内容会保留。</translation>
    </message>
    <message>
      <source>The copy on the disk differs from what was read. Check the disk and try again.</source>
      <translation>磁盘上的副本与读取的内容不同。请检查磁盘后重试。</translation>
    </message>
    <message>
      <source>The disk did not take it.</source>
      <translation>磁盘未能写入。</translation>
    </message>
    <message>
      <source>The disk is full; free some room and try again.</source>
      <translation>磁盘已满；请腾出空间后重试。</translation>
    </message>
    <message>
      <source>The expert is in use or protected; close other windows and try again.</source>
      <translation>此专家正在使用或受保护；请关闭其他窗口后重试。</translation>
    </message>
    <message>
      <source>The expert's card cannot be read.</source>
      <translation>无法读取专家的卡片。</translation>
    </message>
    <message>
      <source>The expert's card is not valid.</source>
      <translation>专家的卡片无效。</translation>
    </message>
    <message>
      <source>The expert's files have another shape than its card says.</source>
      <translation>专家文件的结构与其卡片不符。</translation>
    </message>
    <message>
      <source>The file cannot be read; nothing was added.</source>
      <translation>无法读取该文件；没有添加任何内容。</translation>
    </message>
    <message>
      <source>The file cannot be read; the drive or network may have failed. Copy it to a local drive and try again.</source>
      <translation>无法读取该文件；驱动器或网络可能出了故障。请把它复制到本地驱动器后重试。</translation>
    </message>
    <message>
      <source>The file changed while it was read. Wait until it is completely written and try again.</source>
      <translation>文件在读取时发生了变化。请等它写完后再试。</translation>
    </message>
    <message>
      <source>The file is empty: it has zero bytes. Fetch it again from where it came from.</source>
      <translation>文件为空：零字节。请从来源处重新获取。</translation>
    </message>
    <message>
      <source>The file is empty; there is nothing to examine.</source>
      <translation>文件为空，没有可检验的内容。</translation>
    </message>
    <message>
      <source>The file is larger than the limit for one picture.</source>
      <translation>文件超过单张图片的大小限制。</translation>
    </message>
    <message>
      <source>The folder of the store cannot be written to.</source>
      <translation>无法写入专家库的文件夹。</translation>
    </message>
    <message>
      <source>The hub has no such repository or file; it may have been withdrawn.</source>
      <translation>服务器上没有这个仓库或文件；它可能已被撤下。</translation>
    </message>
    <message>
      <source>The hub has no such revision of this repository; nothing was fetched.</source>
      <translation>服务器上没有此仓库的这个版本；没有下载任何内容。</translation>
    </message>
    <message>
      <source>The hub refuses this request; the repository may be private.</source>
      <translation>服务器拒绝了此请求；该仓库可能是私有的。</translation>
    </message>
    <message>
      <source>The hub's answers cannot be right; nothing more was fetched.</source>
      <translation>服务器的回应不可能正确；没有再下载任何内容。</translation>
    </message>
    <message>
      <source>The key cannot be opened: wrong passphrase, or not a PEM or PKCS #12 file.</source>
      <translation>无法打开密钥：口令错误，或不是 PEM 或 PKCS #12 文件。</translation>
    </message>
    <message>
      <source>The key or certificate file cannot be read.</source>
      <translation>无法读取密钥或证书文件。</translation>
    </message>
    <message>
      <source>The language model or the vision part (often called mmproj) is missing in this folder.</source>
      <translation>此文件夹缺少语言模型或视觉部分（通常名为 mmproj）。</translation>
    </message>
    <message>
      <source>The picture and the question do not fit into the expert's context.</source>
      <translation>图片和问题超出专家的上下文长度。</translation>
    </message>
    <message>
      <source>The picture ends too early: a part of the file is missing. Fetch it again from where it came from.</source>
      <translation>图片过早结束：文件缺少一部分。请从来源处重新获取。</translation>
    </message>
    <message>
      <source>The picture has more pixels than the limit. It was not unpacked.</source>
      <translation>图片的像素数超过限制，没有解压。</translation>
    </message>
    <message>
      <source>The picture's data break the rules of its format, so that programs may show different things.</source>
      <translation>图片数据违反其格式的规则，不同程序可能显示不同的内容。</translation>
    </message>
    <message>
      <source>The pixels are 32-bit numbers without a defined white, as in science. Export it with 8 or 16 bits.</source>
      <translation>像素是没有规定白点的 32 位数值，多见于科学数据。请以 8 位或 16 位导出。</translation>
    </message>
    <message>
      <source>The process for this work cannot be started.</source>
      <translation>无法启动负责此项工作的进程。</translation>
    </message>
    <message>
      <source>The process for this work gave an answer that cannot be right; nothing of it was used.</source>
      <translation>负责此项工作的进程给出了不可能正确的回应；其内容均未采用。</translation>
    </message>
    <message>
      <source>The process that did this work crashed.</source>
      <translation>负责此项工作的进程崩溃了。</translation>
    </message>
    <message>
      <source>The process that did this work ended before it answered.</source>
      <translation>负责此项工作的进程在回应之前就结束了。</translation>
    </message>
    <message>
      <source>The process that did this work took too long and was stopped.</source>
      <translation>负责此项工作的进程耗时过长，已被停止。</translation>
    </message>
    <message>
      <source>The process that did this work was ended from outside, or memory ran out.</source>
      <translation>负责此项工作的进程被外部终止，或内存耗尽。</translation>
    </message>
    <message>
      <source>The process that reads pictures crashed on this file. Nothing else is affected; treat the file as suspicious.</source>
      <translation>读取图片的进程在此文件上崩溃。其他内容不受影响；请视此文件为可疑。</translation>
    </message>
    <message>
      <source>The process that reads pictures gave an answer that cannot be right. Nothing of it was used; treat the file as suspicious.</source>
      <translation>读取图片的进程给出了不可能正确的回应。其内容均未采用；请视此文件为可疑。</translation>
    </message>
    <message>
      <source>The process that reads pictures was ended from outside, or the machine ran out of memory. Try again.</source>
      <translation>读取图片的进程被外部终止，或本机内存耗尽。请重试。</translation>
    </message>
    <message>
      <source>The report cannot be written there.</source>
      <translation>报告无法写入该处。</translation>
    </message>
    <message>
      <source>The repository wants you to agree to its terms on its page first.</source>
      <translation>该仓库要求先在其网页上同意条款。</translation>
    </message>
    <message>
      <source>The text is too long.</source>
      <translation>文字过长。</translation>
    </message>
    <message>
      <source>The two answer words begin with the same tokens in this vocabulary; choose others.</source>
      <translation>在此词表中，两个回答词以相同的标记开头；请另选。</translation>
    </message>
    <message>
      <source>There is no card in this folder; it is not an expert.</source>
      <translation>此文件夹中没有卡片，因此不是专家。</translation>
    </message>
    <message>
      <source>There is no file at this place. Was it moved, renamed or on a drive that is no longer connected?</source>
      <translation>此处没有文件。它是否已被移动、改名，或所在驱动器已断开？</translation>
    </message>
    <message>
      <source>There is no such file.</source>
      <translation>没有这个文件。</translation>
    </message>
    <message>
      <source>There is not enough memory for this expert.</source>
      <translation>内存不足以运行此专家。</translation>
    </message>
    <message>
      <source>This expert does not give its stored reference numbers here; it gives no verdicts.</source>
      <translation>此专家在这里得不出其存储的参考数值，因此不给出判定。</translation>
    </message>
    <message>
      <source>This expert is not in the store; it ships with the application or is a folder of yours.</source>
      <translation>此专家不在专家库中；它随应用程序附带，或是您自己的文件夹。</translation>
    </message>
    <message>
      <source>This installation cannot download models; get the model elsewhere and import it.</source>
      <translation>此安装不能下载模型；请在别处取得模型后导入。</translation>
    </message>
    <message>
      <source>This is a HEIC/HEIF picture, which Telltale cannot read. Ask for the original export as JPEG; converting loses traces. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 HEIC/HEIF 图片，Telltale 无法读取。请索取原始导出的 JPEG；转换会丢失痕迹。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a JPEG 2000 picture, which Telltale does not read. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 JPEG 2000 图片，Telltale 不读取此格式。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a JPEG XL picture, which Telltale cannot read yet. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 JPEG XL 图片，Telltale 尚不能读取。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a PDF document. Extract the picture from it without converting it (for example with pdfimages -all). Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 PDF 文档。请从中原样提取图片而不要转换（例如用 pdfimages -all）。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a Photoshop document. Export it as TIFF or PNG. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 Photoshop 文档。请导出为 TIFF 或 PNG。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a PostScript or EPS document, which is a program. Examine a bitmap instead. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 PostScript 或 EPS 文档，即一段程序。请改为检验位图。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a camera's raw file. Examine the JPEG that the camera made, or a developed TIFF; developing changes traces. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是相机的 RAW 文件。请检验相机生成的 JPEG 或显影后的 TIFF；显影会改变痕迹。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a program, not a picture. Do not open it. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是程序，不是图片。请勿打开。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a sound file. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是声音文件。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a text file, not a picture. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是文本文件，不是图片。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a video. Export single frames as PNG and say so in your notes. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是视频。请把单帧导出为 PNG，并在备注中说明。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is a web page, not the picture on it. Save the picture itself. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是网页，不是其中的图片。请保存图片本身。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is an SVG drawing, which is a program for making a picture. Examine a bitmap instead. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是 SVG 图形，即生成图片的程序。请改为检验位图。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is an archive. Unpack it first. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是压缩包。请先解压。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is an icon file. It holds several small pictures and is not examined. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这是图标文件，内含多张小图，不予检验。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is no folder with exactly one language model and one vision part.</source>
      <translation>此文件夹并非恰好含有一个语言模型和一个视觉部分。</translation>
    </message>
    <message>
      <source>This is no picture in a format that Telltale knows. Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF.</source>
      <translation>这不是 Telltale 认识的图片格式。Telltale 可读取 JPEG、PNG、WebP、TIFF、GIF、BMP、MPO 和 AVIF。</translation>
    </message>
    <message>
      <source>This is not a regular file (but a folder, device, pipe or socket). Choose a picture file.</source>
      <translation>这不是普通文件（而是文件夹、设备、管道或套接字）。请选择图片文件。</translation>
    </message>
    <message>
      <source>This is not an archive that Telltale wrote, or it is damaged.</source>
      <translation>这不是 Telltale 写出的归档文件，或它已损坏。</translation>
    </message>
    <message>
      <source>This link leads to itself in a circle and never to a file.</source>
      <translation>此链接循环指向自身，不通向任何文件。</translation>
    </message>
    <message>
      <source>This picture cannot be viewed this way.</source>
      <translation>此图片不能以这种视图查看。</translation>
    </message>
    <message>
      <source>This repository has no safetensors files; Telltale reads no pickle checkpoints.</source>
      <translation>此仓库没有 safetensors 文件；Telltale 不读取 pickle 检查点。</translation>
    </message>
    <message>
      <source>Transparent places lie on white here; the reference's loader drops transparency and shows what is hidden beneath it.</source>
      <translation>透明处在这里衬以白色；参考加载程序丢弃透明度并显示其下隐藏的内容。</translation>
    </message>
    <message>
      <source>Where this expert looks cannot be read in this configuration.</source>
      <translation>在此配置下无法读出此专家注视何处。</translation>
    </message>
    <message>
      <source>Writing into the store failed.</source>
      <translation>写入专家库失败。</translation>
    </message>
    <message>
      <source>You are not allowed to read this file. Copy it to a place of your own or ask for access.</source>
      <translation>您无权读取此文件。请把它复制到自己的位置，或请求访问权限。</translation>
    </message>
    <message>
      <source>llama.cpp could not compute this.</source>
      <translation>llama.cpp 未能完成此计算。</translation>
    </message>
    <message>
      <source>llama.cpp could not load the expert.</source>
      <translation>llama.cpp 未能加载此专家。</translation>
    </message>
    <message>
      <source>llama.cpp ran the vision part in an unexpected way; there is no verdict.</source>
      <translation>llama.cpp 以意外的方式运行了视觉部分；没有判定。</translation>
    </message>
    <message>
      <source>llama.cpp reads the expert's question as other tokens than it was trained with.</source>
      <translation>llama.cpp 对专家问题的分词与其训练时不同。</translation>
    </message>
  </context>
  <context>
    <name>FindingsPanel</name>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Code: {code}</source>
      <translation>代码：{code}</translation>
    </message>
    <message>
      <source>Findings</source>
      <translation>结论</translation>
    </message>
    <message>
      <source>Findings appear here as soon as there is an exhibit.</source>
      <translation>有检材后，结论会显示在这里。</translation>
    </message>
    <message>
      <source>Progress of this exhibit</source>
      <translation>此检材的进度</translation>
    </message>
    <message>
      <source>The expert's score</source>
      <translation>专家的分数</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>重试</translation>
    </message>
    <message>
      <source>– Cancelled</source>
      <translation>– 已取消</translation>
    </message>
    <message>
      <source>✕ Not analysed: {why}</source>
      <translation>✕ 未分析：{why}</translation>
    </message>
  </context>
  <context>
    <name>LicenceDialog</name>
    <message>
      <source>Accept the terms</source>
      <translation>接受条款</translation>
    </message>
    <message>
      <source>Decline</source>
      <translation>不接受</translation>
    </message>
    <message>
      <source>Licence of the weights</source>
      <translation>权重的许可</translation>
    </message>
    <message>
      <source>Terms</source>
      <translation>条款</translation>
    </message>
    <message>
      <source>The terms are kept in the expert's card and stand in every report.</source>
      <translation>条款保存在专家的卡片中，并写入每份报告。</translation>
    </message>
  </context>
  <context>
    <name>LogDialog</name>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Kept on this computer only, in {where}</source>
      <translation>仅保存在这台计算机上：{where}</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>日志</translation>
    </message>
    <message>
      <source>Nothing went wrong so far.</source>
      <translation>到目前为止没有出错。</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>All files</source>
      <translation>所有文件</translation>
    </message>
    <message>
      <source>Case without a name, stored</source>
      <translation>未命名案件，已存储</translation>
    </message>
    <message>
      <source>Case: opening…</source>
      <translation>案件：正在打开…</translation>
    </message>
    <message>
      <source>Case: {title} (read-only)</source>
      <translation>案件：{title}（只读）</translation>
    </message>
    <message>
      <source>Case: {title}, stored</source>
      <translation>案件：{title}，已存储</translation>
    </message>
    <message>
      <source>Custody</source>
      <translation>保管链</translation>
    </message>
    <message>
      <source>Dropped picture {number}</source>
      <translation>拖放的图片 {number}</translation>
    </message>
    <message>
      <source>Expert: loading…</source>
      <translation>专家：正在加载…</translation>
    </message>
    <message>
      <source>Expert: {name}</source>
      <translation>专家：{name}</translation>
    </message>
    <message>
      <source>Findings</source>
      <translation>结论</translation>
    </message>
    <message>
      <source>From the next analysis on; Exhibit › Analyse again does it for the chosen ones.</source>
      <translation>从下一次分析起生效；“检材 › 重新分析”可对所选检材执行。</translation>
    </message>
    <message>
      <source>Keep working</source>
      <translation>继续工作</translation>
    </message>
    <message>
      <source>Marks</source>
      <translation>标记</translation>
    </message>
    <message>
      <source>Offline</source>
      <translation>离线</translation>
    </message>
    <message>
      <source>Only new ones</source>
      <translation>只要新图片</translation>
    </message>
    <message>
      <source>Open a folder of pictures</source>
      <translation>打开图片文件夹</translation>
    </message>
    <message>
      <source>Open pictures</source>
      <translation>打开图片</translation>
    </message>
    <message>
      <source>Pasted picture {number}</source>
      <translation>粘贴的图片 {number}</translation>
    </message>
    <message>
      <source>Pictures</source>
      <translation>图片</translation>
    </message>
    <message>
      <source>Pictures that lie in {folder} already: {count}</source>
      <translation>{folder} 中已有图片：{count} 张</translation>
    </message>
    <message>
      <source>Questions</source>
      <translation>提问</translation>
    </message>
    <message>
      <source>Quit Telltale?</source>
      <translation>退出 Telltale?</translation>
    </message>
    <message>
      <source>Quit and lose them</source>
      <translation>退出并丢弃</translation>
    </message>
    <message>
      <source>Quit; go on next time</source>
      <translation>退出，下次继续</translation>
    </message>
    <message>
      <source>Record</source>
      <translation>记录</translation>
    </message>
    <message>
      <source>Take them too</source>
      <translation>一并收入</translation>
    </message>
    <message>
      <source>Telltale never uses the network; the processes that read and examine pictures cannot.</source>
      <translation>Telltale 从不使用网络；读取和检验图片的进程也无法使用。</translation>
    </message>
    <message>
      <source>The case's own folder cannot be watched.</source>
      <translation>不能监视案件自身的文件夹。</translation>
    </message>
    <message>
      <source>The folder cannot be read: {why}</source>
      <translation>无法读取该文件夹：{why}</translation>
    </message>
    <message>
      <source>The model's stated reasons for {name}:</source>
      <translation>模型对 {name} 陈述的理由：</translation>
    </message>
    <message>
      <source>The report of {name} is in {where}</source>
      <translation>{name} 的报告位于 {where}</translation>
    </message>
    <message>
      <source>The report of {name} was not written: {why}.</source>
      <translation>{name} 的报告未能写入：{why}。</translation>
    </message>
    <message>
      <source>The report was not written</source>
      <translation>报告未能写入</translation>
    </message>
    <message>
      <source>The settings could not be saved; they hold until you quit.</source>
      <translation>设置无法保存；在退出之前有效。</translation>
    </message>
    <message>
      <source>They can be taken into the case too, or only those that come from now on.</source>
      <translation>可以把它们也收入案件，或者只收入今后到来的图片。</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>工具</translation>
    </message>
    <message>
      <source>Views</source>
      <translation>视图</translation>
    </message>
    <message>
      <source>Watch a folder</source>
      <translation>监视文件夹</translation>
    </message>
    <message>
      <source>Watch a folder for new pictures</source>
      <translation>监视文件夹中的新图片</translation>
    </message>
    <message>
      <source>What is known of the exhibit</source>
      <translation>关于检材的已知信息</translation>
    </message>
    <message>
      <source>{folder} is watched no more.</source>
      <translation>不再监视 {folder}。</translation>
    </message>
    <message>
      <source>{folder} is watched: new pictures are taken into the case.</source>
      <translation>正在监视 {folder}：新图片会收入案件。</translation>
    </message>
    <message>
      <source>✕ No expert: {why}</source>
      <translation>✕ 没有专家：{why}</translation>
    </message>
  </context>
  <context>
    <name>MarksPanel</name>
    <message>
      <source>Facts of {mark}</source>
      <translation>{mark} 的事实</translation>
    </message>
    <message>
      <source>Marks</source>
      <translation>标记</translation>
    </message>
    <message>
      <source>Marks are read when the exhibit is analysed.</source>
      <translation>分析检材时会读取标记。</translation>
    </message>
    <message>
      <source>No marks.</source>
      <translation>没有标记。</translation>
    </message>
    <message>
      <source>What the file says about itself. A mark can be removed or forged, and having none means nothing.</source>
      <translation>文件对自身的声明。标记可以被删除或伪造，没有标记不说明任何问题。</translation>
    </message>
    <message>
      <source>– Looked for and not found</source>
      <translation>– 已查找，未发现</translation>
    </message>
    <message>
      <source>∅ Not applicable to this file</source>
      <translation>∅ 不适用于此文件</translation>
    </message>
  </context>
  <context>
    <name>OpenCaseDialog</name>
    <message>
      <source>Another folder…</source>
      <translation>其他文件夹…</translation>
    </message>
    <message>
      <source>Cases that were open lately</source>
      <translation>最近打开的案件</translation>
    </message>
    <message>
      <source>No other case was open on this computer yet.</source>
      <translation>此计算机上还没有打开过其他案件。</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>Open case</source>
      <translation>打开案件</translation>
    </message>
    <message>
      <source>Open the folder of a case</source>
      <translation>打开案件文件夹</translation>
    </message>
    <message>
      <source>Take off this list</source>
      <translation>从列表移除</translation>
    </message>
    <message>
      <source>The case itself stays where it is.</source>
      <translation>案件本身仍在原处。</translation>
    </message>
    <message>
      <source>Without a name, {when}</source>
      <translation>未命名，{when}</translation>
    </message>
  </context>
  <context>
    <name>Pages</name>
    <message>
      <source>Page {number} of {count}</source>
      <translation>第 {number} 页，共 {count} 页</translation>
    </message>
  </context>
  <context>
    <name>Pull</name>
    <message>
      <source>the program that downloads could not be started</source>
      <translation>下载程序无法启动</translation>
    </message>
    <message>
      <source>the program that downloads ended without a word</source>
      <translation>下载程序未作说明就结束了</translation>
    </message>
  </context>
  <context>
    <name>PullDialog</name>
    <message>
      <source>About the expert</source>
      <translation>关于专家</translation>
    </message>
    <message>
      <source>Asking what there is to fetch…</source>
      <translation>正在查询可下载的内容…</translation>
    </message>
    <message>
      <source>Cancel the download</source>
      <translation>取消下载</translation>
    </message>
    <message>
      <source>Converting {file}: {percent} %</source>
      <translation>正在转换 {file}：{percent} %</translation>
    </message>
    <message>
      <source>Download and convert…</source>
      <translation>下载并转换…</translation>
    </message>
    <message>
      <source>Downloading is done by a program of its own, only now, and only because you ask; nothing of your pictures is sent.</source>
      <translation>下载由一个独立程序完成，仅在此刻、仅因您的要求进行；不会发送您图片的任何内容。</translation>
    </message>
    <message>
      <source>Downloading {file}: {percent} %</source>
      <translation>正在下载 {file}：{percent} %</translation>
    </message>
    <message>
      <source>Every expert of the catalogue is on this computer already.</source>
      <translation>目录中的所有专家都已在这台计算机上。</translation>
    </message>
    <message>
      <source>Experts of the catalogue</source>
      <translation>目录中的专家</translation>
    </message>
    <message>
      <source>Get more experts</source>
      <translation>获取更多专家</translation>
    </message>
    <message>
      <source>Go on downloading…</source>
      <translation>继续下载…</translation>
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>许可：{licence}</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Stopped. What was fetched is kept: it goes on from there next time.</source>
      <translation>已停止。已下载的部分会保留，下次从该处继续。</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>正在停止…</translation>
    </message>
    <message>
      <source>The repository declares: {licence}</source>
      <translation>仓库声明：{licence}</translation>
    </message>
    <message>
      <source>The terms were not accepted, so nothing was fetched.</source>
      <translation>条款未被接受，因此没有下载任何内容。</translation>
    </message>
    <message>
      <source>This installation has no part that goes online. On a computer that has one, run “telltale models pull {name}” and “telltale models export {name}”, carry the file on a stick, and take it in here with Experts › Import an archive.</source>
      <translation>此安装不含联网部分。请在含有该部分的计算机上运行“telltale models pull {name}”和“telltale models export {name}”，用 U 盘带来文件，然后在此用“专家 › 导入归档文件”导入。</translation>
    </message>
    <message>
      <source>To be downloaded: {size}</source>
      <translation>需下载：{size}</translation>
    </message>
    <message>
      <source>Trained on: {data}</source>
      <translation>训练数据：{data}</translation>
    </message>
    <message>
      <source>✓ {name} is on this computer. Choose it under Experts.</source>
      <translation>✓ {name} 已在这台计算机上。请在“专家”中选用。</translation>
    </message>
  </context>
  <context>
    <name>QuestionsPanel</name>
    <message>
      <source>About one property…</source>
      <translation>关于某一属性…</translation>
    </message>
    <message>
      <source>Answers are the model's words, not findings, and never change the score.</source>
      <translation>回答是模型的话，不是结论，也从不改变分数。</translation>
    </message>
    <message>
      <source>Ask</source>
      <translation>提问</translation>
    </message>
    <message>
      <source>Ask about this picture</source>
      <translation>就这张图片提问</translation>
    </message>
    <message>
      <source>Ask: {question}</source>
      <translation>提问：{question}</translation>
    </message>
    <message>
      <source>Conversation</source>
      <translation>对话</translation>
    </message>
    <message>
      <source>Experimental: not trained on these</source>
      <translation>实验性：未针对以下问题训练</translation>
    </message>
    <message>
      <source>Experimental: the expert was not trained on this question.</source>
      <translation>实验性：专家未针对此问题训练过。</translation>
    </message>
    <message>
      <source>Experimental: this expert was not trained to answer questions. Its answers never change the score.</source>
      <translation>实验性：此专家未经过回答问题的训练。其回答从不改变分数。</translation>
    </message>
    <message>
      <source>Questions</source>
      <translation>提问</translation>
    </message>
    <message>
      <source>The expert wrote nothing.</source>
      <translation>专家没有写任何内容。</translation>
    </message>
    <message>
      <source>Your question</source>
      <translation>您的问题</translation>
    </message>
    <message>
      <source>{question} (experimental)</source>
      <translation>{question}（实验性）</translation>
    </message>
  </context>
  <context>
    <name>RecordPanel</name>
    <message>
      <source>A new note on this exhibit</source>
      <translation>为此检材写新备注</translation>
    </message>
    <message>
      <source>Add note</source>
      <translation>添加备注</translation>
    </message>
    <message>
      <source>Card: </source>
      <translation>卡片：</translation>
    </message>
    <message>
      <source>Ctrl+Enter. A recorded note stays as it is: to correct it, write another.</source>
      <translation>Ctrl+Enter。已记录的备注不再改动；要更正，请另写一条。</translation>
    </message>
    <message>
      <source>Differs from what the model's own loader would do:</source>
      <translation>与模型自带加载器的处理不同之处：</translation>
    </message>
    <message>
      <source>Exhibit {number} of the case</source>
      <translation>案件中的第 {number} 号检材</translation>
    </message>
    <message>
      <source>Expert: {name} ({type}), {licence}</source>
      <translation>专家：{name}（{type}），{licence}</translation>
    </message>
    <message>
      <source>File: {path}</source>
      <translation>文件：{path}</translation>
    </message>
    <message>
      <source>Log-odds: {value}, both answer words hold {mass} of the mass</source>
      <translation>对数几率：{value}，两个答案词共占 {mass} 的概率质量</translation>
    </message>
    <message>
      <source>Name: {name}</source>
      <translation>名称：{name}</translation>
    </message>
    <message>
      <source>Network: blocked by {how}</source>
      <translation>网络阻断方式：{how}</translation>
    </message>
    <message>
      <source>New note</source>
      <translation>新备注</translation>
    </message>
    <message>
      <source>Notes</source>
      <translation>备注</translation>
    </message>
    <message>
      <source>Notes on this exhibit</source>
      <translation>此检材的备注</translation>
    </message>
    <message>
      <source>Picture: {kind}, {width} × {height} pixels</source>
      <translation>图片：{kind}，{width} × {height} 像素</translation>
    </message>
    <message>
      <source>Record</source>
      <translation>记录</translation>
    </message>
    <message>
      <source>SHA-256 of the pixels: </source>
      <translation>像素的 SHA-256:</translation>
    </message>
    <message>
      <source>Seconds: looking {encode}, verdict {score}, text {explain}</source>
      <translation>秒数：观察 {encode}，判定 {score}，文字 {explain}</translation>
    </message>
    <message>
      <source>Size: {size}</source>
      <translation>大小：{size}</translation>
    </message>
    <message>
      <source>Tags</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>Tags, separated by commas</source>
      <translation>标签，用逗号分隔</translation>
    </message>
    <message>
      <source>Telltale {version}, {when}</source>
      <translation>Telltale {version},{when}</translation>
    </message>
    <message>
      <source>What was examined</source>
      <translation>检验的内容</translation>
    </message>
    <message>
      <source>Your conclusion</source>
      <translation>您的鉴定意见</translation>
    </message>
    <message>
      <source>Your own, about the whole exhibit; it goes into the report beside the expert's finding.</source>
      <translation>您对整件检材的意见；会与专家结论一同写入报告。</translation>
    </message>
  </context>
  <context>
    <name>ReportDialog</name>
    <message>
      <source>Certificate of a PEM key</source>
      <translation>PEM 密钥的证书</translation>
    </message>
    <message>
      <source>Choices</source>
      <translation>选项</translation>
    </message>
    <message>
      <source>Choose: {what}</source>
      <translation>选择：{what}</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>Every detail, the examiner's words, the custody log, every analysed pixel.</source>
      <translation>所有细节、鉴定人的话、保管记录、每个分析过的像素。</translation>
    </message>
    <message>
      <source>For passing on: names, places, file metadata, the case and the original are left out; the picture is small.</source>
      <translation>用于转发：略去姓名、地点、文件元数据、案件和原件；图片缩小。</translation>
    </message>
    <message>
      <source>Key file (PKCS #12 or PEM)</source>
      <translation>密钥文件（PKCS #12 或 PEM）</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Language of the report</source>
      <translation>报告的语言</translation>
    </message>
    <message>
      <source>Laying out the pages</source>
      <translation>正在排版</translation>
    </message>
    <message>
      <source>Laying out the pages…</source>
      <translation>正在排版…</translation>
    </message>
    <message>
      <source>Made for</source>
      <translation>用途</translation>
    </message>
    <message>
      <source>Pages of the report</source>
      <translation>报告的页面</translation>
    </message>
    <message>
      <source>Pages: {count}. So they will be written.</source>
      <translation>页数：{count}。将按此写入。</translation>
    </message>
    <message>
      <source>Passphrase of the key</source>
      <translation>密钥的口令</translation>
    </message>
    <message>
      <source>Put the received file into it</source>
      <translation>放入收到的文件</translation>
    </message>
    <message>
      <source>Report of {name}</source>
      <translation>{name} 的报告</translation>
    </message>
    <message>
      <source>Sign with the laboratory's key</source>
      <translation>用实验室的密钥签名</translation>
    </message>
    <message>
      <source>Views to print</source>
      <translation>要打印的视图</translation>
    </message>
    <message>
      <source>What goes with it</source>
      <translation>随附内容</translation>
    </message>
    <message>
      <source>Write the report into this folder</source>
      <translation>将报告写入此文件夹</translation>
    </message>
    <message>
      <source>Write the report…</source>
      <translation>写入报告…</translation>
    </message>
  </context>
  <context>
    <name>ScoreBar</name>
    <message>
      <source>Score of the expert</source>
      <translation>专家的分数</translation>
    </message>
    <message>
      <source>fake ▸</source>
      <translation>伪造 ▸</translation>
    </message>
    <message>
      <source>◂ real</source>
      <translation>◂ 真实</translation>
    </message>
  </context>
  <context>
    <name>Session</name>
    <message>
      <source>Left out, because they are no pictures: {count} other files</source>
      <translation>因不是图片而略过：另外 {count} 个文件</translation>
    </message>
    <message>
      <source>This case is open to look at only; nothing can be added or changed.</source>
      <translation>此案件以只读方式打开，不能添加或更改任何内容。</translation>
    </message>
    <message>
      <source>This was not recorded: {why}</source>
      <translation>未能记录：{why}</translation>
    </message>
    <message>
      <source>the file has changed since it was analysed</source>
      <translation>文件在分析之后已更改</translation>
    </message>
    <message>
      <source>{name} is in the case already, as {known}.</source>
      <translation>{name} 已在案件中，名为 {known}。</translation>
    </message>
  </context>
  <context>
    <name>Settings</name>
    <message>
      <source>Also examine what lies outside the frame</source>
      <translation>同时检查画框之外的内容</translation>
    </message>
    <message>
      <source>As the system</source>
      <translation>跟随系统</translation>
    </message>
    <message>
      <source>Ask for an explanation</source>
      <translation>要求给出说明</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
    </message>
    <message>
      <source>Automatic uses one when the expert passes its self-test there; off is slower and always works.</source>
      <translation>“自动”在专家通过自检时使用；“关闭”较慢，但始终可用。</translation>
    </message>
    <message>
      <source>By hiding it and reading the verdict again. Small experts always do; a large one takes minutes on a processor.</source>
      <translation>做法是遮挡后重读判定。小型专家总会检验；大型专家在处理器上需要数分钟。</translation>
    </message>
    <message>
      <source>Colours</source>
      <translation>颜色</translation>
    </message>
    <message>
      <source>Court</source>
      <translation>法庭</translation>
    </message>
    <message>
      <source>Court has every detail; newsroom leaves out names, places, file metadata, the case and the original.</source>
      <translation>“法庭”包含所有细节；“新闻编辑部”略去姓名、地点、文件元数据、案件和原件。</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>深色</translation>
    </message>
    <message>
      <source>Graphics processor</source>
      <translation>图形处理器</translation>
    </message>
    <message>
      <source>High contrast</source>
      <translation>高对比度</translation>
    </message>
    <message>
      <source>How strongly the map of a claim covers the picture, in percent.</source>
      <translation>理由的热图覆盖图片的强度，以百分比表示。</translation>
    </message>
    <message>
      <source>In megabytes; pictures beyond it are read again when shown.</source>
      <translation>以兆字节为单位；超出部分的图片在显示时重新读取。</translation>
    </message>
    <message>
      <source>In percent of your desktop's text size.</source>
      <translation>相对于桌面文字大小的百分比。</translation>
    </message>
    <message>
      <source>In squares, each of which takes as long as the verdict. They can weaken a finding, never strengthen it.</source>
      <translation>按方块进行，每块所需时间与判断相同。它们只能削弱结论，绝不会加强结论。</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>浅色</translation>
    </message>
    <message>
      <source>Memory for pictures</source>
      <translation>图片占用的内存</translation>
    </message>
    <message>
      <source>Newsroom</source>
      <translation>新闻编辑部</translation>
    </message>
    <message>
      <source>Nought takes one for each core; fewer leave more of the computer for other programs, and take longer.</source>
      <translation>0 表示每个核心一个；较少的线程为其他程序留出更多资源，但耗时更长。</translation>
    </message>
    <message>
      <source>Of menus and sentences. Explanations stay in the expert's own language.</source>
      <translation>菜单和语句的语言。说明仍使用专家自己的语言。</translation>
    </message>
    <message>
      <source>Off</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Off is much faster: only the verdict is read, without the model's stated reasons.</source>
      <translation>关闭会快得多：只读取判定，没有模型陈述的理由。</translation>
    </message>
    <message>
      <source>Off leaves new exhibits waiting until you press Resume.</source>
      <translation>关闭时，新检材会等待，直到您按“继续”。</translation>
    </message>
    <message>
      <source>Off shows the same plain dialog on every system.</source>
      <translation>关闭时，在每个系统上都显示相同的简单对话框。</translation>
    </message>
    <message>
      <source>Processor threads</source>
      <translation>处理器线程</translation>
    </message>
    <message>
      <source>Reports are made for</source>
      <translation>报告用途</translation>
    </message>
    <message>
      <source>Start when pictures are added</source>
      <translation>添加图片后立即开始</translation>
    </message>
    <message>
      <source>Strength of the heat overlay</source>
      <translation>热图叠加强度</translation>
    </message>
    <message>
      <source>System follows your desktop's light or dark setting.</source>
      <translation>“跟随系统”采用桌面的浅色或深色设置。</translation>
    </message>
    <message>
      <source>Test what each sentence points at, with large experts too</source>
      <translation>大型专家也检验每句所指的位置</translation>
    </message>
    <message>
      <source>Text size</source>
      <translation>文字大小</translation>
    </message>
    <message>
      <source>Use the system's file dialogs</source>
      <translation>使用系统的文件对话框</translation>
    </message>
  </context>
  <context>
    <name>SettingsDialog</name>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
  </context>
  <context>
    <name>ShortcutsDialog</name>
    <message>
      <source>Arrow keys</source>
      <translation>方向键</translation>
    </message>
    <message>
      <source>Judge a stated reason: confirmed, not seen, unsure, not examined</source>
      <translation>判断陈述的理由：已确认、未见到、不确定、未检查</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>键盘快捷键</translation>
    </message>
    <message>
      <source>Mouse wheel</source>
      <translation>鼠标滚轮</translation>
    </message>
    <message>
      <source>Move the picture</source>
      <translation>移动图片</translation>
    </message>
    <message>
      <source>On the picture and on a stated reason</source>
      <translation>在图片和陈述的理由上</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>缩放</translation>
    </message>
  </context>
  <context>
    <name>TagDialog</name>
    <message>
      <source>New tag</source>
      <translation>新标签</translation>
    </message>
    <message>
      <source>Tags</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>Tags in use</source>
      <translation>已用标签</translation>
    </message>
    <message>
      <source>{count} exhibits</source>
      <translation>{count} 件检材</translation>
    </message>
  </context>
  <context>
    <name>ViewsPanel</name>
    <message>
      <source>Applies to: {gate}</source>
      <translation>适用于：{gate}</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Compute</source>
      <translation>计算</translation>
    </message>
    <message>
      <source>Computing the view</source>
      <translation>正在计算视图</translation>
    </message>
    <message>
      <source>Diagram of the view</source>
      <translation>视图的图表</translation>
    </message>
    <message>
      <source>Does not apply to this picture: {why}.</source>
      <translation>不适用于此图片：{why}。</translation>
    </message>
    <message>
      <source>For your eye only: no view changes the finding.</source>
      <translation>仅供您目视：任何视图都不改变结论。</translation>
    </message>
    <message>
      <source>It can show</source>
      <translation>它可以显示</translation>
    </message>
    <message>
      <source>It does not show</source>
      <translation>它不能显示</translation>
    </message>
    <message>
      <source>Lay over the picture</source>
      <translation>叠加在图片上</translation>
    </message>
    <message>
      <source>Numbers of the view</source>
      <translation>视图的数值</translation>
    </message>
    <message>
      <source>View</source>
      <translation>视图</translation>
    </message>
    <message>
      <source>Views</source>
      <translation>视图</translation>
    </message>
  </context>
  <context>
    <name>Watching</name>
    <message>
      <source>From the watched folder: {count} new</source>
      <translation>来自监视的文件夹：{count} 张新图片</translation>
    </message>
    <message>
      <source>The watched folder cannot be read ({why}); it is looked for again and again.</source>
      <translation>无法读取监视的文件夹（{why}）；会不断重试。</translation>
    </message>
    <message>
      <source>The watched folder is there again.</source>
      <translation>监视的文件夹又可用了。</translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>; hiding as much elsewhere changes it by {control} on average</source>
      <translation>；在别处遮盖同样大小平均改变 {control}</translation>
    </message>
    <message>
      <source>? Unsure</source>
      <translation>? 不确定</translation>
    </message>
    <message>
      <source>A case needs a folder of its own. Choose another name.</source>
      <translation>案件需要独立的文件夹。请换一个名称。</translation>
    </message>
    <message>
      <source>A part outside the frame scores as camera pictures hardly ever do; look there.</source>
      <translation>画框之外有一部分的得分是相机图片极少出现的；请查看该处。</translation>
    </message>
    <message>
      <source>Analysis asked for</source>
      <translation>已请求分析</translation>
    </message>
    <message>
      <source>Analysis recorded</source>
      <translation>已记录分析</translation>
    </message>
    <message>
      <source>Another case lies where this one was</source>
      <translation>原处现在是另一个案件</translation>
    </message>
    <message>
      <source>Another program is writing the case</source>
      <translation>另一个程序正在写入案件</translation>
    </message>
    <message>
      <source>Another window or program has it open for writing. Close it there, then try again.</source>
      <translation>另一个窗口或程序正以写入方式打开它。请在那里关闭后再试。</translation>
    </message>
    <message>
      <source>Answer about exhibit {number}: “{text}”</source>
      <translation>关于第 {number} 号检材的回答：“{text}”</translation>
    </message>
    <message>
      <source>Answering a question</source>
      <translation>正在回答问题</translation>
    </message>
    <message>
      <source>Both camera pictures and AI-made ones of the calibration set score like this.</source>
      <translation>校准集中的相机图片和 AI 图片都有这样的得分。</translation>
    </message>
    <message>
      <source>Brought to a newer version</source>
      <translation>已升级到新版本</translation>
    </message>
    <message>
      <source>Calibration: of {reals} camera pictures it flagged {false}, of {fakes} AI-made ones it recognised {true}.</source>
      <translation>校准：{reals} 张相机图片中误标 {false} 张，{fakes} 张 AI 图片中识别 {true} 张。</translation>
    </message>
    <message>
      <source>Cancelled</source>
      <translation>已取消</translation>
    </message>
    <message>
      <source>Case made</source>
      <translation>建立案件</translation>
    </message>
    <message>
      <source>Case named or described anew</source>
      <translation>重新命名或描述案件</translation>
    </message>
    <message>
      <source>Check the drive or the network share.</source>
      <translation>请检查驱动器或网络共享。</translation>
    </message>
    <message>
      <source>Checking whether the verdict is stable</source>
      <translation>正在检查判定是否稳定</translation>
    </message>
    <message>
      <source>Choose another expert, or import this one again, then retry.</source>
      <translation>请选择另一位专家，或重新导入此专家，然后重试。</translation>
    </message>
    <message>
      <source>Close other programs or choose a smaller expert, then retry.</source>
      <translation>请关闭其他程序或选择较小的专家，然后重试。</translation>
    </message>
    <message>
      <source>Conclusion</source>
      <translation>鉴定意见</translation>
    </message>
    <message>
      <source>Conclusion about exhibit {number}: {value}</source>
      <translation>对第 {number} 号检材的鉴定意见：{value}</translation>
    </message>
    <message>
      <source>Connect its drive again, or put the folder back under its old name.</source>
      <translation>请重新连接驱动器，或把文件夹以原名放回。</translation>
    </message>
    <message>
      <source>Copy of the case made</source>
      <translation>已制作案件副本</translation>
    </message>
    <message>
      <source>Effect on the verdict not measured.</source>
      <translation>未测量对判定的影响。</translation>
    </message>
    <message>
      <source>Exhibit received</source>
      <translation>接收检材</translation>
    </message>
    <message>
      <source>Failed analysis recorded</source>
      <translation>已记录失败的分析</translation>
    </message>
    <message>
      <source>Free some space on it.</source>
      <translation>请在其上腾出一些空间。</translation>
    </message>
    <message>
      <source>Good for: {text}</source>
      <translation>适用于：{text}</translation>
    </message>
    <message>
      <source>Hiding these regions changes the log-odds by {delta}</source>
      <translation>遮盖这些区域使对数几率改变 {delta}</translation>
    </message>
    <message>
      <source>Hiding what the reasons point at</source>
      <translation>正在遮住理由所指之处</translation>
    </message>
    <message>
      <source>Inconclusive</source>
      <translation>无法得出结论</translation>
    </message>
    <message>
      <source>It is kept; open the case again later.</source>
      <translation>内容已保留；请稍后重新打开案件。</translation>
    </message>
    <message>
      <source>It is not the one that was open, or an older copy of it. Put the right folder back.</source>
      <translation>它不是先前打开的案件，或是较旧的副本。请放回正确的文件夹。</translation>
    </message>
    <message>
      <source>It should be done in a moment.</source>
      <translation>片刻后应会完成。</translation>
    </message>
    <message>
      <source>It was put aside, not deleted, in the folder “outbox” of Telltale's own data.</source>
      <translation>它没有被删除，而是另存在 Telltale 自有数据的“outbox”文件夹中。</translation>
    </message>
    <message>
      <source>Judgement of a stated reason of exhibit {number}: {value}</source>
      <translation>对第 {number} 号检材某项陈述理由的评判：{value}</translation>
    </message>
    <message>
      <source>Licence: {text}</source>
      <translation>许可：{text}</translation>
    </message>
    <message>
      <source>Loading the expert</source>
      <translation>正在加载专家</translation>
    </message>
    <message>
      <source>Log-odds {value}: the expert answered with neither word</source>
      <translation>对数几率 {value}：专家没有用这两个词回答</translation>
    </message>
    <message>
      <source>Log-odds {value}: the expert {lean}</source>
      <translation>对数几率 {value}：专家{lean}</translation>
    </message>
    <message>
      <source>Looking at the picture</source>
      <translation>正在观察图片</translation>
    </message>
    <message>
      <source>Looking outside the frame</source>
      <translation>正在查看画框之外</translation>
    </message>
    <message>
      <source>Make it writable, or connect the drive so that it is.</source>
      <translation>请使其可写，或以可写方式连接驱动器。</translation>
    </message>
    <message>
      <source>Make room or connect the drive again, then retry. What was finished before is kept.</source>
      <translation>请腾出空间或重新连接驱动器，然后重试。之前完成的内容已保留。</translation>
    </message>
    <message>
      <source>Measured on: {text}</source>
      <translation>测定所用：{text}</translation>
    </message>
    <message>
      <source>Neither camera pictures nor AI-made ones of the calibration set score like this.</source>
      <translation>校准集中的相机图片和 AI 图片都没有这样的得分。</translation>
    </message>
    <message>
      <source>No detector was asked, so nothing is said about how the picture was made.</source>
      <translation>没有询问检测器，因此对图片的来源不作任何说明。</translation>
    </message>
    <message>
      <source>No explanation was asked for.</source>
      <translation>未要求说明。</translation>
    </message>
    <message>
      <source>No finding</source>
      <translation>无结论</translation>
    </message>
    <message>
      <source>No region was found for this sentence.</source>
      <translation>没有找到这句话对应的区域。</translation>
    </message>
    <message>
      <source>None yet</source>
      <translation>尚无</translation>
    </message>
    <message>
      <source>Not analysed: {reason}</source>
      <translation>未分析：{reason}</translation>
    </message>
    <message>
      <source>Not calibrated: how often this expert is wrong has not been measured.</source>
      <translation>未校准：此专家出错的频率尚未测量。</translation>
    </message>
    <message>
      <source>Not examined</source>
      <translation>未检查</translation>
    </message>
    <message>
      <source>Not for: {text}</source>
      <translation>不适用于：{text}</translation>
    </message>
    <message>
      <source>Not stored yet: {count} findings, notes or files.</source>
      <translation>尚未存储：{count} 项结论、备注或文件。</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>备注</translation>
    </message>
    <message>
      <source>Note on exhibit {number}: “{text}”</source>
      <translation>第 {number} 号检材的备注：“{text}”</translation>
    </message>
    <message>
      <source>Nothing else was lost; the other exhibits go on. Try again. If it happens again, suspect this picture.</source>
      <translation>没有其他损失，其他检材继续进行。请重试。如果再次发生，请怀疑这张图片。</translation>
    </message>
    <message>
      <source>Nothing follows from this, either way. Treat the question as open.</source>
      <translation>由此不能得出任何一方的结论。请将问题视为未决。</translation>
    </message>
    <message>
      <source>Nothing is lost: what is not stored waits here and is stored as soon as it can be.</source>
      <translation>没有丢失任何内容：未存储的内容在此等待，一旦可行立即存储。</translation>
    </message>
    <message>
      <source>Of {of} AI-made pictures in the calibration set, {count} scored this low or lower ({rate} %; 95 %: {low} to {high} %).</source>
      <translation>校准集的 {of} 张 AI 图片中，{count} 张得分与此相当或更低（{rate} %,95 % 区间 {low} 至 {high} %）。</translation>
    </message>
    <message>
      <source>Of {of} camera pictures in the calibration set, {count} scored at least this high ({rate} %; 95 %: {low} to {high} %).</source>
      <translation>校准集的 {of} 张相机图片中，{count} 张得分与此相当或更高（{rate} %,95 % 区间 {low} 至 {high} %）。</translation>
    </message>
    <message>
      <source>Open the case itself; what waits for it is offered there.</source>
      <translation>请打开案件本身；等待存入的内容会在那里提供。</translation>
    </message>
    <message>
      <source>Picture: {name}</source>
      <translation>图片：{name}</translation>
    </message>
    <message>
      <source>Question answered</source>
      <translation>问题已回答</translation>
    </message>
    <message>
      <source>Reading the picture</source>
      <translation>正在读取图片</translation>
    </message>
    <message>
      <source>Report exported</source>
      <translation>已导出报告</translation>
    </message>
    <message>
      <source>SHA-256 of the card: {text}</source>
      <translation>专家卡的 SHA-256：{text}</translation>
    </message>
    <message>
      <source>Self-test: not run on this computer yet; it runs whenever the expert is loaded.</source>
      <translation>自检：尚未在本机运行；每次加载专家时都会运行。</translation>
    </message>
    <message>
      <source>Stated reason judged</source>
      <translation>已评判陈述的理由</translation>
    </message>
    <message>
      <source>Storing the finding</source>
      <translation>正在存储结论</translation>
    </message>
    <message>
      <source>Supports AI</source>
      <translation>支持 AI</translation>
    </message>
    <message>
      <source>Supports camera</source>
      <translation>支持相机</translation>
    </message>
    <message>
      <source>Tag put on</source>
      <translation>添加标签</translation>
    </message>
    <message>
      <source>Tag taken off</source>
      <translation>移除标签</translation>
    </message>
    <message>
      <source>Tags of {count} exhibits: {tags}</source>
      <translation>{count} 件检材的标签：{tags}</translation>
    </message>
    <message>
      <source>That a report of exhibit {number} was written</source>
      <translation>已为第 {number} 号检材写出报告</translation>
    </message>
    <message>
      <source>The calibration set has too few pictures of a class.</source>
      <translation>校准集中某一类图片太少。</translation>
    </message>
    <message>
      <source>The case cannot be used</source>
      <translation>案件无法使用</translation>
    </message>
    <message>
      <source>The case file is damaged. Restore it from a copy; the exhibits beside it may still be good.</source>
      <translation>案件文件已损坏。请从副本恢复；旁边的检材可能仍然完好。</translation>
    </message>
    <message>
      <source>The case folder cannot be written</source>
      <translation>案件文件夹无法写入</translation>
    </message>
    <message>
      <source>The case folder is not there any more</source>
      <translation>案件文件夹已不在原处</translation>
    </message>
    <message>
      <source>The case is damaged</source>
      <translation>案件已损坏</translation>
    </message>
    <message>
      <source>The case is open elsewhere</source>
      <translation>案件已在别处打开</translation>
    </message>
    <message>
      <source>The disk of the case is full</source>
      <translation>案件所在磁盘已满</translation>
    </message>
    <message>
      <source>The evidence supports AI generation</source>
      <translation>证据支持 AI 生成</translation>
    </message>
    <message>
      <source>The evidence supports a camera picture</source>
      <translation>证据支持相机拍摄</translation>
    </message>
    <message>
      <source>The expert did not answer the question: its two answer words hold too little probability.</source>
      <translation>专家没有回答问题：两个答案词所占概率太小。</translation>
    </message>
    <message>
      <source>The expert was not tested on pictures like this one; its reading carries no weight here.</source>
      <translation>专家未在此类图片上测试过；其判读在此没有分量。</translation>
    </message>
    <message>
      <source>The explanation says the opposite of the score.</source>
      <translation>说明与分数相反。</translation>
    </message>
    <message>
      <source>The folder is not empty</source>
      <translation>文件夹不是空的</translation>
    </message>
    <message>
      <source>The model's own scale, not a probability. The line at {value} is the calibrated threshold.</source>
      <translation>这是模型自己的刻度，不是概率。{value} 处的线是校准阈值。</translation>
    </message>
    <message>
      <source>The model's own scale, not a probability. This expert has no calibration.</source>
      <translation>这是模型自己的刻度，不是概率。此专家没有校准。</translation>
    </message>
    <message>
      <source>The other exhibits are not affected. Ask for another copy of this one, as close to the original as there is.</source>
      <translation>其他检材不受影响。请索取此检材的另一份副本，越接近原件越好。</translation>
    </message>
    <message>
      <source>The parts outside the frame were looked at too; their error rates were not measured.</source>
      <translation>画框之外的部分也已查看；其错误率未经测量。</translation>
    </message>
    <message>
      <source>The same exhibit received again</source>
      <translation>再次收到同一检材</translation>
    </message>
    <message>
      <source>The score is unlike those of any calibrated picture; the error rates do not apply.</source>
      <translation>分数不同于任何校准图片，错误率不适用。</translation>
    </message>
    <message>
      <source>The text ends here because the expert failed.</source>
      <translation>文字到此为止，因为专家失败了。</translation>
    </message>
    <message>
      <source>The text was cancelled here.</source>
      <translation>文字在此被取消。</translation>
    </message>
    <message>
      <source>The text was cut off here: it reached the longest length.</source>
      <translation>文字在此被截断：已达到最大长度。</translation>
    </message>
    <message>
      <source>The verdict changes when the picture is scaled, cropped or saved again.</source>
      <translation>图片经缩放、裁剪或再次保存后，判定会改变。</translation>
    </message>
    <message>
      <source>There is no case here</source>
      <translation>这里没有案件</translation>
    </message>
    <message>
      <source>They are being stored now; that takes a moment.</source>
      <translation>正在存储，请稍候。</translation>
    </message>
    <message>
      <source>This does not prove that the picture is AI-made: some real pictures are judged so too.</source>
      <translation>这不能证明图片由 AI 生成：有些真实图片也会得到这样的判断。</translation>
    </message>
    <message>
      <source>This does not prove that the picture is genuine: new generators and small edits are missed.</source>
      <translation>这不能证明图片是真实的：新的生成器和小幅修改会被遗漏。</translation>
    </message>
    <message>
      <source>This expert has no calibration; its error rates are not known.</source>
      <translation>此专家没有校准，其错误率未知。</translation>
    </message>
    <message>
      <source>This folder holds no case that can be read. Was it moved, or is its drive not connected?</source>
      <translation>此文件夹中没有可读取的案件。它是否已被移动，或驱动器未连接？</translation>
    </message>
    <message>
      <source>This is an older copy of the case: it lacks what was recorded last.</source>
      <translation>这是案件的较旧副本：缺少最后记录的内容。</translation>
    </message>
    <message>
      <source>Try again. If it happens again, Help › Show log holds what a developer needs.</source>
      <translation>请重试。如果再次发生，“帮助 › 显示日志”中有开发者所需的信息。</translation>
    </message>
    <message>
      <source>Unlike anything calibrated</source>
      <translation>不同于任何校准样本</translation>
    </message>
    <message>
      <source>Unlike calibrated</source>
      <translation>不同于校准集</translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>等待中</translation>
    </message>
    <message>
      <source>What was kept for this case cannot be read.</source>
      <translation>为此案件暂存的内容无法读取。</translation>
    </message>
    <message>
      <source>What would change this: the original file, a RAW file, other frames of the same scene.</source>
      <translation>什么会改变这一点：原始文件、RAW 文件、同一场景的其他画面。</translation>
    </message>
    <message>
      <source>What you said is kept on this computer and offered when this case is open again; the rest is done again.</source>
      <translation>您所写的内容已暂存在此计算机上，下次打开此案件时可存入；其余工作会重新进行。</translation>
    </message>
    <message>
      <source>Working</source>
      <translation>处理中</translation>
    </message>
    <message>
      <source>Writing its reasons</source>
      <translation>正在书写理由</translation>
    </message>
    <message>
      <source>Writing the case failed</source>
      <translation>写入案件失败</translation>
    </message>
    <message>
      <source>You stopped this one. Retry it when you like.</source>
      <translation>您停止了它。可随时重试。</translation>
    </message>
    <message>
      <source>a helper process ended</source>
      <translation>一个辅助进程已结束</translation>
    </message>
    <message>
      <source>aesthetics</source>
      <translation>美学</translation>
    </message>
    <message>
      <source>cancelled</source>
      <translation>已取消</translation>
    </message>
    <message>
      <source>detector</source>
      <translation>检测器</translation>
    </message>
    <message>
      <source>general model</source>
      <translation>通用模型</translation>
    </message>
    <message>
      <source>leans neither way</source>
      <translation>不偏向任何一方</translation>
    </message>
    <message>
      <source>leans towards “fake”</source>
      <translation>偏向“伪造”</translation>
    </message>
    <message>
      <source>leans towards “real”</source>
      <translation>偏向“真实”</translation>
    </message>
    <message>
      <source>not enough memory</source>
      <translation>内存不足</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>无</translation>
    </message>
    <message>
      <source>something went wrong</source>
      <translation>出了问题</translation>
    </message>
    <message>
      <source>the disk is full or was removed</source>
      <translation>磁盘已满或已移除</translation>
    </message>
    <message>
      <source>the expert cannot be used</source>
      <translation>专家无法使用</translation>
    </message>
    <message>
      <source>the operating system's kernel</source>
      <translation>操作系统内核</translation>
    </message>
    <message>
      <source>the picture cannot be read</source>
      <translation>无法读取图片</translation>
    </message>
    <message>
      <source>the programs themselves, as far as that goes</source>
      <translation>程序自身（尽力而为）</translation>
    </message>
    <message>
      <source>{change}. The verdict does not rest on them.</source>
      <translation>{change}。判定并不依赖它们。</translation>
    </message>
    <message>
      <source>{change}. The verdict rests on them.</source>
      <translation>{change}。判定依赖它们。</translation>
    </message>
    <message>
      <source>{download} to download; {memory} of memory to run</source>
      <translation>需下载 {download}；运行需要 {memory} 内存</translation>
    </message>
    <message>
      <source>– none</source>
      <translation>– 无</translation>
    </message>
    <message>
      <source>∅ not applicable</source>
      <translation>∅ 不适用</translation>
    </message>
    <message>
      <source>▲ AI-made</source>
      <translation>▲ AI 生成</translation>
    </message>
    <message>
      <source>◆ Cannot be said</source>
      <translation>◆ 无法断定</translation>
    </message>
    <message>
      <source>● Taken with a camera</source>
      <translation>● 相机拍摄</translation>
    </message>
    <message>
      <source>✓ Confirmed</source>
      <translation>✓ 已确认</translation>
    </message>
    <message>
      <source>✓ Self-test on this computer: passed. Its reference picture gives the stored numbers here.</source>
      <translation>✓ 本机自检：通过。其参考图片在此得出存储的数值。</translation>
    </message>
    <message>
      <source>✓ found</source>
      <translation>✓ 发现</translation>
    </message>
    <message>
      <source>✕ Not seen</source>
      <translation>✕ 未见到</translation>
    </message>
    <message>
      <source>✕ Self-test on this computer: not passed ({code}). It gives no verdicts here.</source>
      <translation>✕ 本机自检：未通过（{code}）。它在此不给出判断。</translation>
    </message>
    <message>
      <source>✕ does not verify</source>
      <translation>✕ 未通过验证</translation>
    </message>
  </context>
</TS>
